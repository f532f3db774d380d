const BASELINE_NAME = /^[\w.-]{1,80}$/;

/** What the name of a baseline of a store has. */
export const BASELINE_NAME_RULE = '1 to 80 letters, digits and . _ -';

export function isBaselineName(name: string): boolean {
  return BASELINE_NAME.test(name);
}
