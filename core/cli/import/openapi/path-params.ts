import { type ParamValue, paramVariable } from '../../../plan/params/declaration.ts';
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
  readonly #used = new Map<string, PathParam>();
  readonly #taken = new Set(Object.keys(LOAD_PARAMS).map(paramVariable));
  readonly #notes = new Map<string, string>();

  /** @returns the name in the plan, whose variable is that of no other one */
  nameOf(part: PathParam): string {
    const base = part.name
      .replaceAll(/[^\w-]+/g, '_')
      .replace(/^(?![A-Za-z_])/, '_')
      .slice(0, MAX_NAME);
    for (let i = 1; ; i++) {
      const key = i === 1 ? base : `${base}_${i}`;
      const known = this.#used.get(key);
      if (known?.name === part.name && known.value === part.value) {
        this.#compare(key, known, part);
        return key;
      }
      if (this.#taken.has(paramVariable(key))) continue;
      this.#taken.add(paramVariable(key));
      this.#used.set(key, part);
      return key;
    }
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
