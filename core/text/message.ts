/** A sentence as data: its id in the catalogues (core/verdict/messages) and its parameters in base units. */
export interface Message {
  readonly id: string;
  readonly params: Readonly<Record<string, string | number | readonly string[]>>;
}
