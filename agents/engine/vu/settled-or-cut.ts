/** Resolves when the promise has settled or the load is cut off: data that never come must not hold up its end. */
export function settledOrCut(settled: Promise<unknown>, cut: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const goOn = () => {
      cut.removeEventListener('abort', goOn);
      resolve();
    };
    cut.addEventListener('abort', goOn);
    void settled.then(goOn, goOn);
  });
}
