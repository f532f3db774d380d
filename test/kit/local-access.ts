import { LocalToken } from '../../proto/rpc/adapter.ts';
import { tokenInterceptor } from '../../proto/rpc/local-token.ts';

/** For `startControl`: a control without TLS that this process calls. */
export const LOCAL_ACCESS = { token: 'the-token-of-the-tests' };

/** For `createClient`. */
export function accessTo(address: string): LocalToken {
  return new LocalToken(address, () => LOCAL_ACCESS.token);
}

/** For clients of grpc-js itself. */
export function interceptorsFor(address: string) {
  return { interceptors: [tokenInterceptor(accessTo(address))] };
}
