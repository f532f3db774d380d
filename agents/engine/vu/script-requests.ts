import type { Outcome } from '../../../core/outcome.ts';
import type { RequestRecorder } from '../../../core/script/request-recorder.ts';
import { MAX_NAME_LENGTH, MAX_TAGS } from '../../../core/stats/window.ts';
import type { ScriptPass } from './script-pass.ts';
import type { RowTags } from './script-setup.ts';
import type { UserContext } from './user-context.ts';

type Tags = Readonly<Record<string, string>>;
const NO_TAGS: Tags = {};

/** A name as it may travel. */
export function nameOf(name: string): string {
  return String(name).slice(0, MAX_NAME_LENGTH).toWellFormed() || '(unnamed)';
}

function tagsOf(tags: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(tags).slice(0, MAX_TAGS);
  return Object.fromEntries(kept.map(([key, value]) => [nameOf(key), nameOf(value)]));
}

function inWords(tags: Tags): string {
  const all = Object.entries(tagsOf(tags)).map(([key, value]) => `${key}=${value}`);
  return all.length === 0 ? 'none' : all.join(', ');
}

/** Times and counts the requests that a script sends with one driver. One for each virtual user and driver. */
export class ScriptRequests implements RequestRecorder {
  readonly signal: AbortSignal;
  readonly #pass: ScriptPass;
  readonly #context: UserContext;
  readonly #scenario: number;
  readonly #driver: string;
  /** Row numbers by type and name: a name is looked up for each request. */
  readonly #rows: Map<string, Map<string, number>>;
  readonly #tags: RowTags;

  /** @param rows shared by all virtual users of the scenario, for this driver */
  constructor(
    pass: ScriptPass,
    context: UserContext,
    scenario: number,
    driver: string,
    rows: Map<string, Map<string, number>>,
    tags: RowTags,
  ) {
    this.signal = context.cut;
    this.#pass = pass;
    this.#context = context;
    this.#scenario = scenario;
    this.#driver = driver;
    this.#rows = rows;
    this.#tags = tags;
  }

  row(name: string, type: string, tags: Readonly<Record<string, string>> = NO_TAGS): number {
    let ofType = this.#rows.get(type);
    if (ofType === undefined) {
      ofType = new Map();
      this.#rows.set(type, ofType);
    }
    const row = ofType.get(name);
    if (row === undefined) return this.#newRow(ofType, name, type, tags);
    if (tags !== NO_TAGS) this.#compare(row, name, tags);
    return row;
  }

  /** A criterion on tags that no row has would find nothing, and nobody would know why. */
  #compare(row: number, name: string, tags: Tags): void {
    const own = this.#tags.ofRow.get(row);
    if (own === undefined) return;
    let count = 0;
    for (const key in tags) if (own[key] === tags[key]) count++;
    if (count === Object.keys(tags).length && count === Object.keys(own).length) return;
    this.#tags.ofRow.delete(row);
    this.#tags.warn(
      `requests named ${nameOf(name)} have tags (${inWords(tags)}) that do not count: the first one of them had ${inWords(own)}; give requests with other tags another name`,
    );
  }

  #newRow(ofType: Map<string, number>, name: string, type: string, tags: Readonly<Record<string, string>>): number {
    const { recorder } = this.#context;
    const kept = nameOf(name);
    const row = recorder.scriptRow({
      scenario: this.#scenario,
      kind: 'request',
      driver: this.#driver,
      type: nameOf(type),
      name: kept,
      tags: tagsOf(tags),
    });
    // Names without end must not fill the memory, nor many that travel as the same one.
    if (name === kept && !recorder.isOtherRow(row)) {
      ofType.set(name, row);
      if (!this.#tags.ofRow.has(row)) this.#tags.ofRow.set(row, { ...tags });
    }
    return row;
  }

  wait(): Promise<void> | undefined {
    return this.#pass.wait();
  }

  due(): number {
    return this.#pass.due();
  }

  get askedUs(): number {
    return this.#pass.askedUs;
  }

  nowUs(): number {
    return this.#context.clock.nowUs();
  }

  wantsDetail(row: number, errorKind: string): boolean {
    return this.#context.recorder.wantsDetail(row, errorKind);
  }

  record(row: number, dueUs: number, startUs: number, outcome: Outcome): number {
    const nowUs = this.#context.clock.nowUs();
    if (this.#pass.isAbandoned) return nowUs;
    this.#context.recorder.record(row, dueUs, startUs, nowUs, outcome);
    this.#pass.requestEnded(startUs, nowUs, outcome.ok);
    return nowUs;
  }
}
