/** Drivers and connections on each runtime's own sockets: the same tests as everywhere. */
import '../plugins/conformance.test.ts';
import '../plugins/http/connections/address-lookup.test.ts';
import '../plugins/http/connections/connection-pool.test.ts';
import '../plugins/http/connections/http1-connection.test.ts';
import '../plugins/http/connections/http1-lost-connection.test.ts';
import '../plugins/http/connections/http1-overlapping.test.ts';
import '../plugins/http/connections/http2-connection.test.ts';
import '../plugins/http/connections/origins.test.ts';
import '../plugins/http/connections/proxy.test.ts';
import '../plugins/http/connections/sharing.test.ts';
