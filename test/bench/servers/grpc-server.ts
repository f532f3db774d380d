/** A process: answers every call of gRPC at once with the same message, as a server that is healthy does. */
import { serveGrpc } from './serve-grpc.ts';

/** `status: SERVING`, behind the prefix of a message. */
const SERVING = Buffer.from([0, 0, 0, 0, 2, 8, 1]);

serveGrpc((stream) => {
  stream.resume();
  return SERVING;
});
