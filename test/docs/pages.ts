import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A fenced block of a page. What a comment before it says (`<!-- file: shop.yaml -->`) is for the tests alone. */
export interface Block {
  readonly page: string;
  /** Of its first line in the page. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** Why its commands are not run here. */
  readonly notRun: string | undefined;
  /** Commands that come first, such as one that starts the target. */
  readonly before: readonly string[];
  /** The name under which later commands of the page use it. */
  readonly file: string | undefined;
  /** Where in a plan it stands, such as `drivers.http.options`; undefined for a whole plan, and for the top of one. */
  readonly place: string | undefined;
  /** What a plan has beside it, as YAML. */
  readonly beside: string | undefined;
  /** Why it is no part of a plan. */
  readonly notPlan: string | undefined;
  /** The module that it is a part of, with `…` in its place. */
  readonly around: string | undefined;
}

const FENCE = /^```(\w*)$/;
const COMMENT = /^<!-- (not run|before|file|place|beside|not a plan|around): (.*\S) -->$/;

/** The pages that users read: README.md, CONTRIBUTING.md and all of docs/. */
export function pages(): string[] {
  const docs = readdirSync(`${ROOT}docs`).filter((name) => name.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)];
}

export function blocksOf(page: string): Block[] {
  const lines = readFileSync(`${ROOT}${page}`, 'utf8').split('\n');
  const blocks: Block[] = [];
  let comments: (readonly [kind: string, text: string])[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    const [, kind, text] = COMMENT.exec(line) ?? [];
    if (kind !== undefined && text !== undefined) comments.push([kind, text]);
    const language = FENCE.exec(line)?.[1];
    if (language !== undefined) {
      const end = lines.indexOf('```', i + 1);
      const said = (wanted: string) => comments.filter(([kind]) => kind === wanted).map(([, text]) => text);
      blocks.push({
        page,
        line: i + 2,
        language,
        text: lines.slice(i + 1, end).join('\n'),
        notRun: said('not run')[0],
        before: said('before'),
        file: said('file')[0],
        place: said('place')[0],
        beside: said('beside')[0],
        notPlan: said('not a plan')[0],
        around: said('around')[0],
      });
      i = end;
    }
    if (kind === undefined && line !== '') comments = [];
  }
  return blocks;
}

/** The commands of a block, without what the page says of them. */
export function commandsIn({ text }: Block): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line !== '');
}
