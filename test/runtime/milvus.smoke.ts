/** Searches of the driver `milvus`, and the nearest rows found by WebAssembly. The tests are those of the plugin. */
import '../plugins/milvus/session.test.ts';
import '../plugins/milvus/vectors.test.ts';
