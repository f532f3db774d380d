import { decode } from '@jridgewell/sourcemap-codec';
import type { SourceLine } from '../../script/source-lines.ts';

/** A module that was made of several files. */
export interface BundledCode {
  readonly code: string;
  /** Where each of its lines comes from. */
  readonly lines: readonly SourceLine[];
}

const COMMENT =
  /(?:\n\/\/# debugId=\w+)?\n\/\/# sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,([\w+/=]+)\s*$/;

/**
 * Takes an inline source map (https://tc39.es/ecma426) off a module. Of packages, and of what stands in the place of ours, no
 * lines are told: their author is another one.
 * @param nameOf what messages call a source of the map
 */
export function withoutSourceMap(bundled: string, nameOf: (source: string) => string): BundledCode {
  const [comment = '', map] = COMMENT.exec(bundled) ?? [];
  if (map === undefined) return { code: bundled, lines: [] };
  const { sources, mappings } = JSON.parse(Buffer.from(map, 'base64').toString()) as {
    readonly sources: readonly string[];
    readonly mappings: string;
  };
  const names = sources.map((source) => (/(?:^|\/)node_modules\/|^toolkit:/.test(source) ? undefined : nameOf(source)));
  const code = `${bundled.slice(0, -comment.length)}\n`;
  const texts = code.split('\n');
  const lines = decode(mappings).map((segments, i): SourceLine => {
    const indent = /^\s*/.exec(texts[i] ?? '')?.[0].length ?? 0;
    const [, source, line = 0] = segments.findLast(([column]) => column <= indent) ?? segments[0] ?? [];
    const file = source === undefined ? undefined : names[source];
    return file === undefined ? undefined : { file, line: line + 1 };
  });
  return { code, lines };
}
