/**
 * Lets a test file that imports `tap` run directly under Bun or Deno:
 * `bun --preload ./test/kit/preload.ts x.ts`, `deno run -A --preload ./test/kit/preload.ts x.ts`.
 * Under Node it changes nothing.
 */
import v8 from 'node:v8';

/** What tap loads at start and asks for the length of V8's header: a version tag and a version, one byte each. */
class HeaderSerializer {
  writeHeader(): void {}

  releaseBuffer(): Buffer {
    return Buffer.of(0xff, 0x0f);
  }
}

function lacksSerializer(): boolean {
  try {
    new v8.DefaultSerializer();
    return false;
  } catch {
    return true;
  }
}

/** The prototype of the call sites that `Error.prepareStackTrace` is given. */
function callSitePrototype(): object {
  const prepareStackTrace = Error.prepareStackTrace;
  let prototype: object = {};
  Error.prepareStackTrace = (_error, callSites) => {
    prototype = Object.getPrototypeOf(callSites[0]);
  };
  void new Error().stack;
  Error.prepareStackTrace = prepareStackTrace;
  return prototype;
}

// Bun has no serializer; tap uses it only to report to node:test, which these runs do not.
// Its named export cannot be replaced, but what its class extends can.
if (lacksSerializer()) {
  Object.setPrototypeOf(v8.DefaultSerializer, HeaderSerializer);
  Object.setPrototypeOf(v8.DefaultSerializer.prototype, HeaderSerializer.prototype);
}

// tap knows a call site by its constructor's name, which is `Object` on Bun and Deno.
const prototype = callSitePrototype();
if (prototype.constructor.name !== 'CallSite') {
  Object.defineProperty(prototype, 'constructor', { value: class CallSite {}, configurable: true });
}
