import { z } from 'zod';
import type { RandomStream } from '../../../core/plan/random.ts';
import type { Fields } from '../collection-options.ts';

/** A part of a filter: a text, one of the values of a field, or ids of loaded rows. */
type Part = string | { readonly pick: string } | { readonly ids: number };

/** A boolean expression of Milvus with placeholders. */
export interface Filter {
  readonly text: string;
  readonly parts: readonly Part[];
}

const PLACEHOLDER = /\$\{([^{}]*)\}/;
const MAX_IDS = 16_384;

export const filterSchema = z
  .string()
  // What is looked for in it goes on with its parts.
  .min(1, { abort: true })
  .transform((text, context): Filter => {
    const parts = text.split(PLACEHOLDER).map((part, n) => (n % 2 === 0 ? part : placeholder(part.trim())));
    const wrong = parts.indexOf(undefined);
    if (wrong < 0) return { text, parts: parts.filter((part) => part !== undefined && part !== '') as Part[] };
    const message = `unknown placeholder \${${text.split(PLACEHOLDER)[wrong]}}: known are \${pick:field} and \${ids:10}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

function placeholder(text: string): Part | undefined {
  const [, pick, ids] = /^(?:pick:\s*(\w+)|ids:\s*(\d+))$/.exec(text) ?? [];
  if (pick !== undefined) return { pick };
  const count = Number(ids);
  return count >= 1 && count <= MAX_IDS ? { ids: count } : undefined;
}

export function usesIds({ parts }: Filter): boolean {
  return parts.some((part) => typeof part === 'object' && 'ids' in part);
}

/** A placeholder of a field's value. */
interface Pick {
  readonly field: string;
  /** The quote, `'` or `"`, within which it stands; empty outside of quotes. */
  readonly quote: string;
}

export function picksOf({ parts }: Filter): Pick[] {
  const picks: Pick[] = [];
  let quote = '';
  for (const part of parts) {
    if (typeof part === 'object') {
      if ('pick' in part) picks.push({ field: part.pick, quote });
      continue;
    }
    for (const [mark] of part.matchAll(/\\.|["']/g)) {
      if (quote === '' && mark.length === 1) quote = mark;
      else if (mark === quote) quote = '';
    }
  }
  return picks;
}

/**
 * The field whose value alone a filter asks for: `category == '${pick:category}'`. The nearest rows of such a filter can be known.
 */
export function fieldAlone({ parts }: Filter): string | undefined {
  const [before, part, after = ''] = parts;
  if (parts.length > 3 || typeof before !== 'string' || typeof part !== 'object' || !('pick' in part)) return undefined;
  const quote = /^\s*(\w+)\s*==\s*(["']?)$/.exec(before);
  return quote?.[1] === part.pick && typeof after === 'string' && after.trimEnd() === quote[2] ? part.pick : undefined;
}

/** A filter with its values, as it is sent. */
export interface FilledFilter {
  readonly text: string;
  /** The first place, among those of its field, of the value that was picked last. */
  readonly picked: number;
}

/** @param rows how many rows were loaded */
export function fillFilter(filter: Filter, { scalars }: Fields, rows: number, random: RandomStream): FilledFilter {
  let text = '';
  let picked = 0;
  for (const part of filter.parts) {
    if (typeof part === 'string') {
      text += part;
    } else if ('ids' in part) {
      text += Array.from({ length: part.ids }, () => random.integer(rows)).join(',');
    } else {
      const { values = [], firstOf = [] } = scalars.find(({ name }) => name === part.pick) ?? {};
      const drawn = random.integer(values.length);
      picked = firstOf[drawn] as number;
      text += String(values[drawn]);
    }
  }
  return { text, picked };
}
