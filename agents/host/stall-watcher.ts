/** What a watcher says of one stall. */
export interface StallReport {
  /** How long the event loop stood, in milliseconds. */
  readonly ms: number;
  /** The call that was under way; negative for the one that had ended last; 0 where neither is known. */
  readonly call: number;
  /** Whether the runtime tells what was under way, if it was a plugin. */
  readonly isSampled: boolean;
  /** Processor time of all threads meanwhile, in milliseconds. */
  readonly cpuMs: number;
  /** Names of the functions of plugins that were under way, the innermost first. Only where the runtime tells. */
  readonly functions: readonly string[];
  /** Where each of them was, as `URL of the module:line`. */
  readonly places: readonly string[];
}

/** What a watcher is started with. */
export interface WatcherData {
  /** Two integers: what the watched thread raises while its event loop turns, and the number of the call under way, negative once it has ended. */
  readonly shared: SharedArrayBuffer;
  /** A loop that has not turned for this long stands. */
  readonly stallMs: number;
  /** After this long, the watcher says itself on stderr what is under way: the main thread may never say anything again. */
  readonly lostMs: number;
  /** What calls are called, by their numbers. More of them come as messages, in their order. */
  readonly calls: readonly string[];
  /** The source of a regular expression for URLs of the modules of plugins. */
  readonly modules: string;
}

/**
 * The program of a thread that watches whether the event loop of the main thread turns, and looks what that does where it does
 * not: on Node, by stopping it for an instant with the debugger, which the main thread knows nothing of before. It is started
 * from its own text, on every runtime and from every build, so it must not refer to anything outside of itself.
 */
export function watchMainThread(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { shared, stallMs, lostMs, calls: known, modules } = workerData as WatcherData;
  const LOOK_MS = 100;
  /**
   * A look that comes later still tells of this thread: a clock that jumped, a host that slept or had no time for it. What it
   * missed must not be held against the main thread, which may have had no chance to turn either.
   */
  const MAX_LOOK_MS = 2 * LOOK_MS;
  /** Each sample stops the main thread for some milliseconds. */
  const MAX_SAMPLES = 20;
  const cells = new Int32Array(shared);
  const ofPlugins = new RegExp(modules);
  let samples = 0;
  let turns = Atomics.load(cells, 0);
  let lookedMs = performance.now();
  let stoodMs = 0;
  let callBefore = 0;
  let cpuBeforeUs = 0;
  let stall: { call: number; isSampled: boolean; functions: readonly string[]; places: readonly string[] } | undefined;

  let isSaid = false;
  const calls = [...known];
  parentPort?.on('message', (call: string) => calls.push(call));

  const say = ({ call, functions }: NonNullable<typeof stall>) => {
    const who = [calls[Math.abs(call)] ?? '', functions.join(' ← ')].filter((part) => part !== '');
    if (who.length === 0) return;
    const text = `the event loop has stood for ${lostMs / 1000} s, and still does: ${who.join(', in ')}`;
    // What goes through this thread's own stderr waits for the main thread.
    process.getBuiltinModule('node:fs').writeSync(2, `${text}\n`);
  };

  const cpuUs = () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };

  /** The calls of the main thread, by the inspector of V8: https://chromedevtools.github.io/devtools-protocol/v8/Debugger. */
  const sample = (found: NonNullable<typeof stall>) => {
    const { Session } = process.getBuiltinModule('node:inspector');
    const session = new Session();
    // Other runtimes have the module, but not this.
    session.connectToMainThread();
    const urls = new Map<string, string>();
    session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => urls.set(scriptId, url));
    session.on('Debugger.paused', ({ params: { callFrames } }) => {
      session.post('Debugger.resume');
      session.disconnect();
      if (stall !== found || Atomics.load(cells, 0) !== turns) return;
      const urlOf = ({ location }: (typeof callFrames)[number]) => urls.get(location.scriptId) ?? '';
      const own = callFrames.filter((frame) => ofPlugins.test(urlOf(frame)));
      found.functions = own.map(({ functionName }) => functionName || '(a function without a name)');
      found.places = own.map((frame) => `${urlOf(frame)}:${frame.location.lineNumber + 1}`);
    });
    session.post('Debugger.enable');
    session.post('Debugger.pause');
  };

  setInterval(() => {
    const nowMs = performance.now();
    const turnsNow = Atomics.load(cells, 0);
    const call = Atomics.load(cells, 1);
    stoodMs += Math.min(nowMs - lookedMs, MAX_LOOK_MS);
    lookedMs = nowMs;
    if (turnsNow !== turns) {
      if (stall !== undefined) {
        parentPort?.postMessage({ ...stall, ms: stoodMs, cpuMs: (cpuUs() - cpuBeforeUs) / 1000 });
      }
      stall = undefined;
      isSaid = false;
      cpuBeforeUs = cpuUs();
      turns = turnsNow;
      stoodMs = 0;
    } else if (stall === undefined && stoodMs >= stallMs) {
      // A call that was there before too has lasted; one that has just begun may be any.
      stall = { call: call === callBefore ? call : 0, isSampled: true, functions: [], places: [] };
      try {
        if (samples++ < MAX_SAMPLES) sample(stall);
      } catch {
        // The call is all that this runtime tells.
        stall.isSampled = false;
      }
    }
    if (stall !== undefined && !isSaid && stoodMs >= lostMs) {
      isSaid = true;
      say(stall);
    }
    callBefore = call;
  }, LOOK_MS);
}
