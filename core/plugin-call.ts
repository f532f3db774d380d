/** Code of somebody's own, as a plan names it; or the plan itself, where that is a module. */
export interface NamedPlugin {
  readonly kind: 'driver' | 'monitor' | 'output' | 'report' | 'script' | 'plan';
  /** Built-in name, package or path. */
  readonly use: string;
}

/**
 * Calls a function of a plugin, which may be anybody's, and waits for what it gives: no longer than whoever made this allows.
 * @param name of the function, such as `options.validate`
 * @throws what it throws; and when it has not come back in time
 */
export type CallPlugin = <Result>(
  plugin: NamedPlugin,
  name: string,
  call: () => Result | Promise<Result>,
) => Promise<Result>;

/** Waits for as long as it takes: where only known plugins are. */
export const callWithoutLimit: CallPlugin = async (_plugin, _name, call) => call();

/** Such as `options.validate of driver "./x.ts"`. */
export function callInWords({ kind, use }: NamedPlugin, name: string): string {
  return `${name} of ${kind} "${use}"`;
}
