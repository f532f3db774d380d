import type * as grpc from '@grpc/grpc-js';
import { errorMessage } from '../../core/error.ts';
import { callerOf } from './caller.ts';
import { CallerTurns } from './caller-turns.ts';
import { whenClosed } from './send-queue.ts';

/** A method of a library's service. */
export interface DeferredMethod {
  /** Such as `/grpc.health.v1.Health/Check`. */
  readonly path: string;
  readonly kind: 'unary' | 'server_streaming' | 'bidi_streaming';
}

/** What a library adds its services to. */
export type ServiceTarget = Pick<grpc.Server, 'addService'>;

/** How the library carries a method out once it is loaded. */
interface LoadedMethod {
  readonly definition: grpc.MethodDefinition<object, object>;
  readonly handle: (call: object, callback?: grpc.sendUnaryData<object>) => void;
}

const INTERNAL = 13;
const RESOURCE_EXHAUSTED = 8;
/** Streams of one caller, such as its watches of the health. */
const MAX_STREAMS_OF_A_CALLER = 64;

/**
 * Offers services of a library that is loaded with the first call of one of their methods: libraries that read their .proto files
 * when they are loaded take a fifth of the time in which control starts, and few controls are ever asked.
 * @param methods all that the library adds
 * @param load gives what adds the library's services to a server
 */
export function addDeferredServices(
  server: grpc.Server,
  methods: readonly DeferredMethod[],
  load: () => Promise<(target: ServiceTarget) => void>,
): void {
  let loading: Promise<ReadonlyMap<string, LoadedMethod>> | undefined;
  const loaded = async (path: string): Promise<LoadedMethod> => {
    loading ??= load()
      .then(methodsOf)
      .catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
    const method = (await loading).get(path);
    if (method === undefined) throw new Error(`the library has no method ${path}`);
    return method;
  };
  const definitions = methods.map(({ path, kind }) => [path, definitionOf(path, kind)] as const);
  const turns = new CallerTurns(MAX_STREAMS_OF_A_CALLER);
  const handlers = methods.map(({ path, kind }) => {
    const handler = kind === 'unary' ? unaryHandler(() => loaded(path)) : streamHandler(() => loaded(path), turns);
    return [path, handler] as const;
  });
  server.addService(Object.fromEntries(definitions), Object.fromEntries(handlers));
}

/** The methods that a library adds, by their paths. */
function methodsOf(add: (target: ServiceTarget) => void): ReadonlyMap<string, LoadedMethod> {
  const found = new Map<string, LoadedMethod>();
  add({
    addService(service, implementation) {
      for (const [name, definition] of Object.entries(service)) {
        const handle = implementation[name] ?? implementation[definition.originalName ?? ''];
        found.set(definition.path, { definition, handle: handle as LoadedMethod['handle'] });
      }
    },
  });
  return found;
}

/** Its messages stay bytes until the library is there. */
function definitionOf(path: string, kind: DeferredMethod['kind']): grpc.MethodDefinition<Buffer, Buffer> {
  const asTheyAre = (bytes: Buffer) => bytes;
  return {
    path,
    requestStream: kind === 'bidi_streaming',
    responseStream: kind !== 'unary',
    requestSerialize: asTheyAre,
    requestDeserialize: asTheyAre,
    responseSerialize: asTheyAre,
    responseDeserialize: asTheyAre,
  };
}

function unaryHandler(loaded: () => Promise<LoadedMethod>): grpc.handleUnaryCall<Buffer, Buffer> {
  return async ({ request }, callback) => {
    try {
      const { definition, handle } = await loaded();
      handle({ request: definition.requestDeserialize(request) }, (error, answer) => {
        callback(error, answer ? definition.responseSerialize(answer) : null);
      });
    } catch (error) {
      callback(faultOf(error));
    }
  };
}

type Stream = (grpc.ServerWritableStream<Buffer, Buffer> | grpc.ServerDuplexStream<Buffer, Buffer>) & {
  readonly request?: Buffer;
};

function streamHandler(loaded: () => Promise<LoadedMethod>, turns: CallerTurns) {
  return async (call: Stream): Promise<void> => {
    const failed = (error: unknown) => call.emit('error', faultOf(error));
    const caller = callerOf(call);
    if (!turns.begin(caller)) {
      const details = `${MAX_STREAMS_OF_A_CALLER} of these calls from there are open: end some of them`;
      call.emit('error', { code: RESOURCE_EXHAUSTED, details });
      return;
    }
    whenClosed(call, () => turns.end(caller));
    try {
      const { definition, handle } = await loaded();
      if (call.cancelled) return;
      const read = (listener: (message: object) => void) => (bytes: Buffer) => {
        try {
          listener(definition.requestDeserialize(bytes));
        } catch (error) {
          failed(error);
        }
      };
      handle({
        ...(call.request !== undefined && { request: definition.requestDeserialize(call.request) }),
        on: (event: string, listener: (message: object) => void) =>
          call.on(event, event === 'data' ? read(listener) : listener),
        write(message: object) {
          // A question of thirty bytes has an answer of thousands: the next one is read when it has left.
          if ('pause' in call) call.pause();
          call.write(definition.responseSerialize(message), () => 'resume' in call && call.resume());
        },
        end: () => call.end(),
      });
    } catch (error) {
      failed(error);
    }
  };
}

function faultOf(error: unknown): Partial<grpc.StatusObject> {
  return { code: INTERNAL, details: errorMessage(error) };
}
