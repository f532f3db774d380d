/** A name that ends like a file's would be taken for one. */
const BASELINE_NAME = /^(?!.*\.json$)[\w.-]{1,80}$/;

/** What the name of a baseline of a store has. */
export const BASELINE_NAME_RULE = '1 to 80 letters, digits and . _ -, and no .json at its end';

export function isBaselineName(name: string): boolean {
  return BASELINE_NAME.test(name);
}
