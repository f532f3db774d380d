import type { Socket } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { isSame, type LocalToken, NONCE, newNonce, PROOF, type ProvenCall, proofOf, TUNNEL } from './local-token.ts';

/** Internals of grpc-js, which tells nobody over which connection it calls. */
interface Connecting {
  _createSecureConnector(...target: unknown[]): { connect(socket: Socket): unknown };
}

/** The connection of a channel without TLS. */
export class OwnConnection {
  readonly credentials = grpc.credentials.createInsecure();
  /** This process' `address:port` in it; empty before there is one. */
  endpoint = '';

  constructor() {
    const connecting = this.credentials as unknown as Connecting;
    const create = connecting._createSecureConnector.bind(connecting);
    connecting._createSecureConnector = (...target) => {
      const connector = create(...target);
      const connect = connector.connect.bind(connector);
      connector.connect = (socket) => {
        this.endpoint = `${socket.localAddress}:${socket.localPort}`;
        return connect(socket);
      };
      return connector;
    };
  }
}

/**
 * Makes no call before control has proven that it knows the token, and proves the same with the call. Calls to anything else fail
 * with UNAUTHENTICATED, before anything was sent. A call that was rejected because control was started again meanwhile fails
 * with UNAVAILABLE: it is worth another try.
 */
export function tokenInterceptor(
  { address, current, tunnelTo }: LocalToken,
  connection: Pick<OwnConnection, 'endpoint'>,
): grpc.Interceptor {
  return (options, nextCall) => {
    const asking = nextCall(options);
    const call = nextCall(options);
    const token = current();
    const callerNonce = newNonce();
    const again = { code: grpc.status.UNAVAILABLE, details: 'it was started again' };
    const stranger = { code: grpc.status.UNAUTHENTICATED, details: strangerAt(address, token) };
    let isAsking = true;
    return new grpc.InterceptingCall(call, {
      start(metadata, listener, next) {
        const failed = (status: grpc.StatusObject) => {
          // So that its deadline keeps no process alive.
          call.cancelWithStatus(status.code, status.details);
          listener.onReceiveStatus(status);
        };
        const proven = (facts: ProvenCall) => {
          metadata.set(NONCE, facts.controlNonce);
          metadata.set(PROOF, proofOf(token, 'caller', facts));
          next(metadata, believing(call, listener, proofOf(token, 'answer', facts), { again, stranger }));
        };
        const request = new grpc.Metadata();
        if (token !== '') request.set(NONCE, callerNonce);
        if (tunnelTo !== undefined) request.set(TUNNEL, '1');
        asking.start(request, {
          // A challenge has no head: this is another server, which takes the call.
          onReceiveMetadata: () => asking.cancelWithStatus(stranger.code, stranger.details),
          onReceiveMessage() {},
          onReceiveStatus(status: grpc.StatusObject) {
            isAsking = false;
            const controlNonce = textOf(status.metadata, NONCE);
            const facts = {
              path: options.method_definition.path,
              control: tunnelTo ?? address,
              caller: tunnelTo === undefined ? connection.endpoint : '',
              callerNonce,
              controlNonce,
            };
            const isChallenge = token !== '' && controlNonce !== '';
            if (isChallenge && isSame(textOf(status.metadata, PROOF), proofOf(token, 'control', facts))) proven(facts);
            else if (status.code === grpc.status.UNAUTHENTICATED && current() !== token)
              failed({ ...status, ...again });
            else failed(isChallenge || status.code === grpc.status.OK ? { ...status, ...stranger } : status);
          },
        });
        asking.startRead();
        asking.halfClose();
      },
      cancel(next) {
        if (isAsking) asking.cancelWithStatus(grpc.status.CANCELLED, 'Cancelled on client');
        else next();
      },
    });
  };
}

type StatusListener = Parameters<NonNullable<grpc.Requester['start']>>[1];
type Ending = Pick<grpc.StatusObject, 'code' | 'details'>;

/** Lets nothing through that does not come with the proof. */
function believing(
  call: Pick<grpc.InterceptingCall, 'cancelWithStatus'>,
  listener: StatusListener,
  proof: string,
  { again, stranger }: { readonly again: Ending; readonly stranger: Ending },
) {
  let isProven = false;
  return {
    onReceiveMetadata(answer: grpc.Metadata) {
      isProven = isSame(textOf(answer, PROOF), proof);
      if (isProven) listener.onReceiveMetadata(answer);
      else call.cancelWithStatus(stranger.code, stranger.details);
    },
    onReceiveMessage(message: unknown) {
      if (isProven) listener.onReceiveMessage(message);
    },
    onReceiveStatus(status: grpc.StatusObject) {
      // A call may end well without ever having had a head that could carry the proof.
      if (status.code === grpc.status.OK && !isProven) listener.onReceiveStatus({ ...status, ...stranger });
      // Control knew the token a moment ago: the challenge was that of another connection, or of another process.
      else if (status.code === grpc.status.UNAUTHENTICATED && status.details !== stranger.details)
        listener.onReceiveStatus({ ...status, ...again });
      else listener.onReceiveStatus(status);
    },
  };
}

function strangerAt(address: string, token: string): string {
  return token === ''
    ? `something answers at ${address}, but there is no token by which it could be known as a control of this user: start \`bench control\` as this user, or give its token with --token-file or in BENCH_CONTROL_TOKEN`
    : `what answers at ${address} does not prove that it is the control there and knows the token, so it was sent nothing: find out which process listens on that port. If it is your control, give its token with --token-file or in BENCH_CONTROL_TOKEN; if it is a tunnel to it, set BENCH_CONTROL_TUNNEL to control's own address`;
}

function textOf(metadata: grpc.Metadata, key: string): string {
  const [value = ''] = metadata.get(key);
  return String(value);
}
