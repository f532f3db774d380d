/** What a watcher is started with. */
export interface CallWatcherData {
  /** A call that lasts longer has the event loop for itself: else its time limit would have ended it. In milliseconds. */
  readonly limitMs: number;
  /** How long the main thread may then take to go on, in milliseconds. */
  readonly graceMs: number;
}

/**
 * The program of a thread that ends calls which never come back and let nothing else happen, such as an endless loop. The call
 * under way comes as a message, in words; empty when there is none. On Node it stops what the main thread is at, so that the
 * time limit of the call can pass; elsewhere nothing can, and the process ends. It is started from its own text, on every
 * runtime and from every build, so it must not refer to anything outside of itself.
 */
export function watchCalls(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { limitMs, graceMs } = workerData as CallWatcherData;
  const LOOK_MS = 50;
  let call = '';
  let sinceMs = 0;
  let isStopped = false;

  parentPort?.on('message', (text: string) => {
    call = text;
    sinceMs = performance.now();
    isStopped = false;
  });

  /** By the inspector of V8: https://chromedevtools.github.io/devtools-protocol/v8/Runtime/#method-terminateExecution. */
  const stop = () => {
    const { Session } = process.getBuiltinModule('node:inspector');
    const session = new Session();
    // Other runtimes have the module, but not this.
    session.connectToMainThread();
    session.post('Runtime.terminateExecution');
    setTimeout(() => session.disconnect(), graceMs);
  };

  const end = () => {
    const text = `bench: ${call} never comes back, and nothing else can happen meanwhile: this process ends`;
    // What goes through this thread's own stderr waits for the main thread.
    process.getBuiltinModule('node:fs').writeSync(2, `${text}\n`);
    process.kill(process.pid, 'SIGKILL');
  };

  setInterval(() => {
    const lastedMs = performance.now() - sinceMs;
    if (call === '' || lastedMs < limitMs) return;
    if (isStopped) {
      if (lastedMs > limitMs + graceMs) end();
      return;
    }
    isStopped = true;
    try {
      stop();
    } catch {
      end();
    }
  }, LOOK_MS);
}
