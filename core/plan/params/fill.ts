import type { Environment } from '../../secrets/reference.ts';
import { becomesText, MAX_PLAN_BYTES, MAX_PLAN_SIZE } from '../plain-data.ts';
import { formatPath, type PlanProblem } from '../problem.ts';
import { PARAM_PLACEHOLDER, type Param, type ParamValue, paramsSchema, paramVariable } from './declaration.ts';
import { FLAG_WORDS, type ParamSetting, paramSettings, unknownParam } from './settings.ts';

/** A parameter that has a value. */
export interface FilledParam extends ParamSetting {
  /** The value within a text: a number has the digits that it was written with. */
  readonly text: string;
}

/** A plan's data with its parameters filled in. */
export interface FilledPlan {
  /** Each parameter has its value as its default here, so that a stored plan says what its run had. */
  readonly source: unknown;
  readonly settings: readonly FilledParam[];
  readonly problems: readonly PlanProblem[];
  /** Paths of the texts that stay as they are, because a parameter in them is among the problems. */
  readonly unfilled: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const TOO_LONG = `makes the plan longer than ${MAX_PLAN_SIZE} with its parameters filled in: give it shorter ones`;

/**
 * Puts the values of a plan's parameters in the places of `${param.name}`. A text that is nothing else becomes the value
 * itself, a number too; within a text, the value is text, and a number has the digits that it was written with. Whoever starts a run does this once, before the plan is checked
 * or sent, so that control and agents know nothing of parameters.
 * @param source plain data without circles; it need not be a valid plan
 * @param given texts, by the names of parameters
 * @param written how the plan writes a number
 */
export function fillParams(
  source: unknown,
  given: Readonly<Record<string, string>>,
  environment: Environment,
  words = FLAG_WORDS,
  written: (path: readonly string[]) => string | undefined = () => undefined,
): FilledPlan {
  const { params, ...rest } = fieldsOf(source);
  const declared = declaredIn(params);
  const { settings, problems } = paramSettings(declared, given, environment, words);
  const settled = settings.map((setting): FilledParam => {
    const { name, value, origin } = setting;
    if (typeof value !== 'number') return { ...setting, text: String(value) };
    const typed = origin === words.origin ? given[name] : environment[paramVariable(name)];
    const digits = origin === 'default' ? written(['params', name, 'default']) : typed?.trim();
    return { ...setting, text: digits ?? String(value) };
  });
  const filling = new Filling(settled, Object.keys(fieldsOf(params)));
  if (!isMap(source)) return { source, settings: settled, problems, unfilled: [] };
  const filled: Record<string, unknown> = {};
  for (const key of Object.keys(source)) {
    filled[key] = key === 'params' ? withDefaults(params, settings) : filling.value(rest[key], [key]);
  }
  return {
    source: filled,
    settings: settled,
    problems: [...problems, ...filling.problems],
    unfilled: filling.unfilled,
  };
}

/** Placeholders of parameters that nobody has filled in, which is how a plan must not reach its run. */
export function unfilledParams(source: unknown): PlanProblem[] {
  const { params: _, ...rest } = fieldsOf(source);
  const filling = new Filling([], []);
  filling.value(rest, []);
  return filling.unfilled.map((path) => ({
    path,
    message: 'holds a parameter without its value: start the run with `bench run`, which fills parameters in',
  }));
}

/**
 * The problems that would be there with the parameters filled in too.
 * @param unfilled paths of the texts that still hold parameters
 */
export function besidesUnfilled(problems: readonly PlanProblem[], unfilled: readonly string[]): PlanProblem[] {
  return problems.filter(({ path, message }) => {
    // A message about a whole may be about a text in it, which it then shows.
    return !message.includes('${param.') && !unfilled.some((at) => path === at || path.startsWith(`${at}.`));
  });
}

/** Those that are declared as they should be. What is wrong with the others is found with all else in the plan. */
function declaredIn(params: unknown): Record<string, Param> {
  const declared: Record<string, Param> = {};
  for (const [name, declaration] of Object.entries(fieldsOf(params))) {
    const parsed = paramsSchema.safeParse({ [name]: declaration });
    if (parsed.success) declared[name] = parsed.data[name] as Param;
  }
  return declared;
}

function withDefaults(params: unknown, settings: readonly ParamSetting[]): unknown {
  if (!isMap(params)) return params;
  const values = new Map(settings.map(({ name, value }) => [name, value]));
  return Object.fromEntries(
    Object.entries(params).map(([name, declaration]) => {
      const value = values.get(name);
      return [name, value === undefined ? declaration : { ...fieldsOf(declaration), default: value }];
    }),
  );
}

class Filling {
  readonly problems: PlanProblem[] = [];
  readonly unfilled: string[] = [];
  readonly #values: ReadonlyMap<string, ParamValue>;
  readonly #declared: readonly string[];
  /** The values within a text. */
  readonly #texts: ReadonlyMap<string, string>;
  /** How long the texts with parameters are together, as far as they are filled in. */
  #characters = 0;

  /** @param declared names of all parameters, also of those without a value */
  constructor(settings: readonly FilledParam[], declared: readonly string[]) {
    this.#values = new Map(settings.map(({ name, value }) => [name, value]));
    this.#declared = declared;
    this.#texts = new Map(settings.map(({ name, text }) => [name, text]));
  }

  value(value: unknown, path: readonly PropertyKey[]): unknown {
    if (typeof value === 'string') return this.#text(value, path);
    if (Array.isArray(value)) return value.map((inner, i) => this.value(inner, [...path, i]));
    if (!isMap(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const at = [...path, key];
        if (placeholdersIn(key).length > 0) {
          this.problems.push({ path: formatPath(at), message: 'a parameter stands for a value, not for a name' });
        }
        return [key, this.value(inner, at)];
      }),
    );
  }

  #text(text: string, path: readonly PropertyKey[]): ParamValue {
    const placeholders = placeholdersIn(text);
    if (placeholders.length === 0) return text;
    const missing = placeholders.filter(({ name, written }) => !this.#values.has(name) || !isClosed(written));
    if (missing.length > 0) {
      this.unfilled.push(formatPath(path));
      for (const { name, written } of missing) this.#refuse(name, written, path);
      return text;
    }
    const hadRoom = this.#characters <= MAX_PLAN_BYTES;
    if (!this.#hasRoom(text, placeholders)) {
      this.unfilled.push(formatPath(path));
      if (hadRoom) this.problems.push({ path: formatPath(path), message: TOO_LONG });
      return text;
    }
    const [{ name: only = '', written: whole = '' } = {}] = placeholders;
    if (whole === text) {
      const value = this.#values.get(only) as ParamValue;
      const isText = typeof value === 'number' && becomesText(path.filter((key) => typeof key === 'string'));
      return isText ? (this.#texts.get(only) as string) : value;
    }
    return text.replaceAll(PARAM_PLACEHOLDER, (written: string, escaping: string, name: string) =>
      escaping === '' ? (this.#texts.get(name.trim()) as string) : written,
    );
  }

  #hasRoom(text: string, placeholders: readonly Placeholder[]): boolean {
    for (const { name, written } of placeholders) {
      this.#characters += (this.#texts.get(name) as string).length - written.length;
    }
    this.#characters += text.length;
    return this.#characters <= MAX_PLAN_BYTES;
  }

  #refuse(name: string, written: string, path: readonly PropertyKey[]): void {
    // What is wrong with its declaration, or that it has no value, is told where it is declared.
    if (isClosed(written) && this.#declared.includes(name)) return;
    const message = isClosed(written) ? unknownParam(name, this.#declared) : `${written} lacks its closing brace`;
    this.problems.push({ path: formatPath(path), message });
  }
}

interface Placeholder {
  readonly name: string;
  /** With its `${` and `}`. */
  readonly written: string;
}

function placeholdersIn(text: string): Placeholder[] {
  return [...text.matchAll(PARAM_PLACEHOLDER)]
    .filter(([, escaping]) => escaping === '')
    .map(([written, , name = '']) => ({ name: name.trim(), written }));
}

function isClosed(written: string): boolean {
  return written.endsWith('}');
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Fields {
  return isMap(value) ? value : {};
}
