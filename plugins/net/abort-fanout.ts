/** Something that can be cut off. */
export interface Abortable {
  cutOff(): void;
}

/**
 * One listener per signal for all its followers: thousands of sessions share the same signal, and adding a listener to a
 * signal takes longer the more listeners it has.
 */
export class AbortFanout {
  readonly #followers = new Map<AbortSignal, Set<Abortable>>();
  readonly #listeners = new Map<AbortSignal, () => void>();

  follow(signal: AbortSignal, follower: Abortable): void {
    let followers = this.#followers.get(signal);
    if (!followers) {
      followers = new Set();
      this.#followers.set(signal, followers);
      const listener = () => this.#abort(signal);
      this.#listeners.set(signal, listener);
      signal.addEventListener('abort', listener, { once: true });
    }
    followers.add(follower);
  }

  leave(signal: AbortSignal, follower: Abortable): void {
    const followers = this.#followers.get(signal);
    followers?.delete(follower);
    if (followers?.size === 0) this.#forget(signal);
  }

  #abort(signal: AbortSignal): void {
    const followers = this.#followers.get(signal) ?? [];
    this.#forget(signal);
    for (const follower of followers) follower.cutOff();
  }

  #forget(signal: AbortSignal): void {
    const listener = this.#listeners.get(signal);
    if (listener) signal.removeEventListener('abort', listener);
    this.#followers.delete(signal);
    this.#listeners.delete(signal);
  }
}
