/** For `node --import`: makes the process speak the protocol version before this one. */
import { registerHooks } from 'node:module';

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith('/core/version.ts')) return loaded;
    const source = String(loaded.source).replace(
      /(PROTOCOL_VERSION = )(\d+)/,
      (_, name, version) => name + (version - 1),
    );
    return { ...loaded, source };
  },
});
