const MOST = 10;

/** Names that a message offers, such as those of fields; not all of a long list. */
export function listed(names: readonly string[]): string {
  const more = names.length - MOST;
  return `${names.slice(0, MOST).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
