/** They take about 2 MB. Of more virtual users than that is enough for, none sends so often that it counts. */
const MAX_KEPT = 5000;
let kept = 0;

/**
 * Texts of one virtual user that are most often made again as they were, by what they are for. The maps of all users of a
 * process have at most {@link MAX_KEPT} texts together: what comes after those is not kept.
 */
export class KeptTexts<Key, Value> {
  /** Undefined until there is one to keep: thousands of empty maps take memory too. */
  #values: Map<Key, Value> | undefined;

  get(key: Key): Value | undefined {
    return this.#values?.get(key);
  }

  set(key: Key, value: Value): void {
    this.#values ??= new Map();
    if (!this.#values.has(key)) {
      if (kept >= MAX_KEPT) return;
      kept++;
    }
    this.#values.set(key, value);
  }

  /** Called when the virtual user ends its session. */
  clear(): void {
    kept -= this.#values?.size ?? 0;
    this.#values = undefined;
  }
}
