/** Calls of gRPC, on the runtime's own HTTP/2. The tests are those of the plugin. */
import '../plugins/grpc.test.ts';
import '../plugins/grpc/grpc-client.test.ts';
import '../plugins/grpc/hostile-server.test.ts';
