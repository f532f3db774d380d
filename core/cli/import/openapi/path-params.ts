import { type ParamValue, paramVariable } from '../../../plan/params/declaration.ts';
import { FreeNames } from '../free-names.ts';
import { LOAD_PARAMS } from '../imported-plan.ts';

interface PlanParam {
  readonly default: ParamValue;
  readonly description?: string;
}

/** A parameter in a path of the document. */
export interface PathParam {
  readonly name: string;
  /** The whole path, such as `/pets/{petId}`. */
  readonly path: string;
  readonly value: ParamValue;
  readonly description: string | undefined;
}

const MAX_NAME = 76;

/**
 * The parameters of a plan for those in paths. One name with one value is one parameter, wherever it stands: it usually
 * means the same.
 */
export class PathParams {
  /** By the name in the plan. */
  readonly #used = new Map<string, PathParam>();
  /** Names in the plan, by name and value in the document. */
  readonly #known = new Map<string, string>();
  /** As variables of the environment, in which more names are the same. */
  readonly #taken = new FreeNames();
  readonly #notes = new Map<string, string>();

  constructor() {
    for (const name of Object.keys(LOAD_PARAMS)) this.#taken.take(paramVariable(name));
  }

  /** @returns the name in the plan, whose variable is that of no other one */
  nameOf(part: PathParam): string {
    const base = part.name
      .replaceAll(/[^\w-]+/g, '_')
      .replace(/^(?![A-Za-z_])|^(?=__proto__$)/, '_')
      .slice(0, MAX_NAME);
    const meaning = JSON.stringify([part.name, part.value]);
    const known = this.#known.get(meaning);
    if (known !== undefined) {
      this.#compare(known, this.#used.get(known) as PathParam, part);
      return known;
    }
    let key = base;
    this.#taken.free(paramVariable(base), (number) => {
      key = `${base}_${number}`;
      return paramVariable(key);
    });
    this.#known.set(meaning, key);
    this.#used.set(key, part);
    return key;
  }

  all(): Record<string, PlanParam> {
    const params = [...this.#used].map(([key, { value, description }]) => {
      return [key, { default: value, ...(description !== undefined && { description }) }] as const;
    });
    return Object.fromEntries(params);
  }

  notes(): string[] {
    return [...this.#notes.values()];
  }

  #compare(key: string, known: PathParam, { name, path }: PathParam): void {
    const before = (whole: string) => whole.split(`{${name}}`, 1)[0];
    if (this.#notes.has(key) || before(known.path) === before(path)) return;
    this.#notes.set(
      key,
      `The parameter ${key} stands in ${known.path} and in ${path}: give each its own if they mean different things.`,
    );
  }
}
