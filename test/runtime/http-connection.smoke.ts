/** Drivers and connections on each runtime's own sockets: the same tests as everywhere. */
import '../plugins/conformance.test.ts';
import '../plugins/http/http1-connection.test.ts';
import '../plugins/http/http2-connection.test.ts';
