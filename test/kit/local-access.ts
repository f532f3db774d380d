import { LocalToken } from '../../proto/rpc/adapter.ts';
import { tokenInterceptor } from '../../proto/rpc/token-interceptor.ts';

/** For `startControl`: a control without TLS that this process calls. */
export const LOCAL_ACCESS = { token: 'the-token-of-the-tests' };

/** For `createClient`. */
export function accessTo(address: string): LocalToken {
  return new LocalToken(address, () => LOCAL_ACCESS.token);
}

/** For `createClient`, through a proxy at this address. @param control its own address */
export function accessThrough(address: string, control: string): LocalToken {
  return new LocalToken(address, () => LOCAL_ACCESS.token, control);
}

/** For clients of grpc-js itself, of whose connections nothing is known. */
export function interceptorsFor(address: string) {
  return { interceptors: [tokenInterceptor(accessThrough(address, address), { endpoint: '' })] };
}
