/** Which call of a driver is under way, for whoever wants to know why the event loop stands. */
export interface CallMarker {
  /** @param call as it stands in a sentence. @returns its number for {@link begin} */
  numberOf(call: string): number;
  begin(call: number): void;
  end(): void;
}

/** Marks the operations of one driver. */
export class DriverCalls {
  readonly #driver: string;
  readonly #marker: CallMarker | undefined;
  readonly #numbers = new Map<string, number>();

  /** @param driver its name in the plan @param marker undefined where nobody wants to know */
  constructor(driver: string, marker: CallMarker | undefined) {
    this.#driver = driver;
    this.#marker = marker;
  }

  /** Called before each call: it costs a few nanoseconds. */
  begin(operation: string): void {
    this.#marker?.begin(this.#numbers.get(operation) ?? this.#numberOf(operation));
  }

  end(): void {
    this.#marker?.end();
  }

  #numberOf(operation: string): number {
    const number = this.#marker?.numberOf(`driver ${this.#driver} in its operation ${operation}`) ?? 0;
    this.#numbers.set(operation, number);
    return number;
  }
}
