import { relative, resolve } from 'node:path';
import { decode } from '@jridgewell/sourcemap-codec';
import type { SourceLine } from '../../script/source-lines.ts';

/** A module that was made of several files. */
export interface BundledCode {
  readonly code: string;
  /** Where each of its lines comes from. */
  readonly lines: readonly SourceLine[];
  /** Absolute paths of all that it was made of. */
  readonly files: readonly string[];
}

const COMMENT =
  /(?:\n\/\/# debugId=\w+)?\n\/\/# sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,([\w+/=]+)\s*$/;

/**
 * Takes an inline source map (https://tc39.es/ecma426) off a module. Of packages, and of what stands in the place of ours, no
 * lines are told: their author is another one.
 * @param base what the map's paths are relative to
 * @param folder what paths in messages are relative to
 */
export function withoutSourceMap(bundled: string, base: string, folder: string): BundledCode {
  const [comment = '', map] = COMMENT.exec(bundled) ?? [];
  if (map === undefined) return { code: bundled, lines: [], files: [] };
  const { sources, mappings } = JSON.parse(Buffer.from(map, 'base64').toString()) as {
    readonly sources: readonly string[];
    readonly mappings: string;
  };
  const places = sources.map((source) => (/^[a-z]+:/.test(source) ? undefined : resolve(base, source)));
  const names = places.map((place, i) => {
    const isTheirs = place === undefined || /(?:^|\/)node_modules\//.test(sources[i] ?? '');
    return isTheirs ? undefined : relative(folder, place);
  });
  const code = `${bundled.slice(0, -comment.length)}\n`;
  const texts = code.split('\n');
  const lines = decode(mappings).map((segments, i): SourceLine => {
    const indent = /^\s*/.exec(texts[i] ?? '')?.[0].length ?? 0;
    const [, source, line = 0] = segments.findLast(([column]) => column <= indent) ?? segments[0] ?? [];
    const file = source === undefined ? undefined : names[source];
    return file === undefined ? undefined : { file, line: line + 1 };
  });
  return { code, lines, files: places.filter((place) => place !== undefined) };
}
