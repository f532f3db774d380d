import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';

interface SourceMap {
  readonly version: 3;
  readonly sources: readonly string[];
  readonly mappings: string;
}

/**
 * The source map of a file without what it says of packages' code: three quarters of it, of no use to anybody here.
 * @param text a source map, see https://tc39.es/ecma426
 */
export function withoutPackages(text: string): string {
  const { sources, mappings } = JSON.parse(text) as SourceMap;
  const own = sources.filter((source) => !source.includes('node_modules/'));
  const placeOf = new Map(own.map((source, place) => [source, place]));
  const lines = decode(mappings).map((segments) => {
    const kept: SourceMapSegment[] = [];
    for (const [column, source, line, sourceColumn] of segments) {
      const place = source === undefined ? undefined : placeOf.get(sources[source] as string);
      if (place !== undefined) kept.push([column, place, line as number, sourceColumn as number]);
      // One segment without a source ends what stands before it.
      else if (kept.at(-1)?.length === 4) kept.push([column]);
    }
    return kept;
  });
  return JSON.stringify({ version: 3, sources: own, names: [], mappings: encode(lines) });
}
