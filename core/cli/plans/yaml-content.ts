import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Scalar, visit } from 'yaml';
import { becomesText, EXACT_NUMBER_HINT } from '../../plan/plain-data.ts';
import { isExactNumber } from '../../text/exact-number.ts';

/** The time to resolve aliases grows with their number and with the size of the document. */
export const MAX_ALIASES = 500;
/** More than any plan has, with all that its aliases stand for. */
const MAX_NODES = 200_000;
const MERGED = '<< takes a map, an alias of one, or a list of these';

/** What is wrong at an offset in the text. */
export interface Fault {
  readonly message: string;
  readonly at: number;
}

/** What the nodes of a document hold that its data will not tell. */
export class YamlContent {
  /** What would not arrive as it is written. */
  readonly faults: readonly Fault[];
  readonly #document: Document;
  readonly #meant = new Map<Alias, unknown>();

  /** @param document whose keys are all scalars */
  constructor(document: Document) {
    this.#document = document;
    const faults = this.#read();
    // Where an alias refers back to what holds it, nobody could follow it.
    this.faults = faults.length > 0 ? faults : this.#textFaults();
  }

  /** How the text writes a number, also one that an alias or a merge brings to this place. */
  written(path: readonly string[]): string | undefined {
    const node = path.reduce<unknown>((holder, key) => this.#inside(holder, key), this.#document.contents);
    const scalar = this.#followed(node);
    return isScalar(scalar) ? scalar.source : undefined;
  }

  #read(): Fault[] {
    const faults: Fault[] = [];
    let aliases = 0;
    // An alias stands for the last node before it with that anchor. The package would look for it in the whole document each time.
    const anchored = new Map<string, unknown>();
    const remember = (node: { readonly anchor?: string }) => {
      if (node.anchor !== undefined) anchored.set(node.anchor, node);
    };
    visit(this.#document, {
      Seq: (_key, list) => remember(list),
      Alias: (_key, alias, holders) => {
        const { source, range } = alias;
        const meant = anchored.get(source);
        this.#meant.set(alias, meant);
        if (meant === undefined)
          faults.push({ message: `the alias *${source} has no anchor before it`, at: range?.[0] ?? 0 });
        if (meant !== undefined && holders.some((holder) => holder === meant)) {
          faults.push({ message: `the alias *${source} refers back to what holds it`, at: range?.[0] ?? 0 });
        }
        aliases += 1;
        if (aliases <= MAX_ALIASES) return undefined;
        faults.push({ message: `there are more than ${MAX_ALIASES} aliases`, at: range?.[0] ?? 0 });
        return visit.BREAK;
      },
      Map: (_key, map) => {
        remember(map);
        const names = new Set<string>();
        for (const { key, value } of map.items) {
          if (!isScalar(key)) continue;
          const name = nameOf(key);
          const at = key.range?.[0] ?? 0;
          if (names.has(name)) faults.push({ message: `the key "${name}" occurs twice in this map`, at });
          names.add(name);
          if (isMerge(key) && !this.#canMerge(value, anchored)) faults.push({ message: MERGED, at });
        }
      },
      Scalar: (place, scalar) => {
        remember(scalar);
        const { value, source = '', range } = scalar;
        if (typeof value !== 'number') return;
        const message =
          numberFault(value, source) ??
          (place === 'key' && source !== String(value)
            ? `${source} would be read as the name ${value}: write it in quotes`
            : undefined);
        if (message !== undefined) faults.push({ message, at: range?.[0] ?? 0 });
      },
    });
    return faults;
  }

  #canMerge(value: unknown, anchored: ReadonlyMap<string, unknown>): boolean {
    const isMappy = (one: unknown) => isMap(isAlias(one) ? anchored.get(one.source) : one);
    const source = isAlias(value) ? anchored.get(value.source) : value;
    return isSeq(source) ? source.items.every(isMappy) : isMap(source);
  }

  /** Numbers that become text, of which other digits would be left: at their own place, and where aliases and merges bring them. */
  #textFaults(): Fault[] {
    const faults: Fault[] = [];
    let nodes = 0;
    const walk = (given: unknown, keys: readonly string[]): void => {
      if (++nodes > MAX_NODES) return;
      const node = this.#followed(given);
      if (isSeq(node)) for (const item of node.items) walk(item, keys);
      if (isMap(node)) {
        for (const { key, value } of node.items) {
          if (isScalar(key)) walk(value, isMerge(key) ? keys : [...keys, nameOf(key)]);
        }
      }
      if (!isScalar(node) || typeof node.value !== 'number') return;
      const { value, source = '', range } = node;
      if (source === String(value) || !becomesText(keys)) return;
      faults.push({ message: `${source} would be sent as ${value}: write it in quotes`, at: range?.[0] ?? 0 });
    };
    walk(this.#document.contents, []);
    return faults;
  }

  #followed(node: unknown): unknown {
    return isAlias(node) ? this.#followed(this.#meant.get(node)) : node;
  }

  #inside(given: unknown, key: string): unknown {
    const holder = this.#followed(given);
    if (isSeq(holder)) return holder.items[Number(key)];
    if (!isMap(holder)) return undefined;
    const own = holder.items.find((pair) => isScalar(pair.key) && !isMerge(pair.key) && nameOf(pair.key) === key);
    if (own !== undefined) return own.value;
    const merged = holder.items.filter((pair) => isScalar(pair.key) && isMerge(pair.key));
    for (const { value } of merged) {
      const source = this.#followed(value);
      for (const one of isSeq(source) ? source.items : [source]) {
        const found = this.#inside(one, key);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}

/** https://yaml.org/type/merge.html; in quotes it is a name like any other. */
function isMerge({ value }: Scalar): boolean {
  return typeof value === 'symbol';
}

/** A key as the text has it; of a merge, `<<`. */
export function nameOf(key: Scalar): string {
  return isMerge(key) ? '<<' : String(key.value);
}

/** What is wrong with a number that would reach the target with other digits than the plan has. */
function numberFault(value: number, source: string): string | undefined {
  if (/^[+-]?0\d/.test(source)) return `${source} would be read as the number ${value}: write it in quotes`;
  if (!/\d/.test(source) || isExactNumber(source)) return undefined;
  return `${source} would be read as ${value}: ${EXACT_NUMBER_HINT}`;
}
