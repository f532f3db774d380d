/** What each plugin is called in messages, such as `driver "./x.ts"`, by what the lines of a stack that lie in its code hold. */
const names = new Map<string, string>();

/**
 * Remembers whose code a module is.
 * @param place its path or URL, or the end of it
 * @param plugin such as `driver "./x.ts"`
 */
export function namePlugin(place: string, plugin: string): void {
  if (!names.has(place)) names.set(place, plugin);
}

/** The plugin whose code a stack leads through, such as `driver "./x.ts"`; undefined when it is none that was loaded. */
export function pluginIn(stack: string | undefined): string | undefined {
  if (stack === undefined) return undefined;
  for (const [place, plugin] of names) if (stack.includes(`${place}:`)) return plugin;
  return undefined;
}
