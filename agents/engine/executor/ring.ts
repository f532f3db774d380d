/** A first-in, first-out queue in a ring buffer. It allocates only when it holds more items than ever before. */
export class Ring<T> {
  #places: (T | undefined)[] = new Array(16);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#places.length) this.#grow();
    this.#places[(this.#first + this.#length++) % this.#places.length] = item;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#places[this.#first];
    this.#places[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#places.length;
    this.#length--;
    return item;
  }

  #grow(): void {
    const size = this.#places.length;
    const inOrder = [...this.#places.slice(this.#first), ...this.#places.slice(0, this.#first)];
    this.#places = inOrder.concat(new Array(size));
    this.#first = 0;
  }
}
