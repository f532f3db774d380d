import type { Environment } from '../../secrets/reference.ts';
import { isExactNumber } from '../../text/exact-number.ts';
import { namesToShow, nearest } from '../../text/nearest.ts';
import { mustBe } from '../messages.ts';
import type { PlanProblem } from '../problem.ts';
import {
  holdsParam,
  KINDS_IN_WORDS,
  type Param,
  type ParamKind,
  type ParamValue,
  paramKindOf,
  paramVariable,
} from './declaration.ts';

/** A parameter with its value in this run. */
export interface ParamSetting {
  readonly name: string;
  readonly value: ParamValue;
  /** What said so, such as `--param`, a variable of the environment, or `default`. */
  readonly origin: string;
  readonly description: string | undefined;
}

/** How whoever starts a run gives parameters their values, for messages. */
export interface ParamWords {
  /** What gives all of them, such as `--param`. */
  readonly origin: string;
  /** What gives this one. */
  called(name: string): string;
  /** Follows "give it", such as `with --param users=…`. */
  waysToGive(name: string): string;
}

export const FLAG_WORDS: ParamWords = {
  origin: '--param',
  called: (name) => `--param ${name}`,
  waysToGive: (name) => `with --param ${name}=… or the variable ${paramVariable(name)}`,
};

export interface ParamSettings {
  /** In the order of the plan; without those that have no value, which are among the problems. */
  readonly settings: readonly ParamSetting[];
  readonly problems: readonly PlanProblem[];
}

/**
 * What each parameter of a plan stands for: what was given, or else its default.
 * @param declared what the plan says of them
 * @param given texts, by the names of parameters
 * @param environment in which an empty variable counts as unset
 */
export function paramSettings(
  declared: Readonly<Record<string, Param>>,
  given: Readonly<Record<string, string>>,
  environment: Environment,
  words: ParamWords,
): ParamSettings {
  const known = Object.keys(declared);
  const problems = Object.keys(given)
    .filter((name) => !Object.hasOwn(declared, name))
    .map((name) => ({ path: 'params', message: `${words.called(name)}: ${unknownParam(name, known)}` }));
  const settings: ParamSetting[] = [];
  for (const [name, { default: standard, type = paramKindOf(standard ?? ''), description }] of Object.entries(
    declared,
  )) {
    const path = `params.${name}`;
    const variable = paramVariable(name);
    const flag = Object.hasOwn(given, name) ? given[name] : undefined;
    const text = flag ?? (environment[variable] || undefined);
    const origin = flag !== undefined ? words.origin : text !== undefined ? variable : 'default';
    const value = text === undefined ? standard : readAs(text, type);
    if (value !== undefined && !(text !== undefined && holdsParam(value))) {
      settings.push({ name, value, origin, description });
    } else if (text === undefined) {
      const message = `has no value: give it ${words.waysToGive(name)}, or give it a default`;
      problems.push({ path, message });
    } else {
      const wrong = value === undefined ? mustBe(KINDS_IN_WORDS[type], text) : 'must not refer to a parameter itself';
      problems.push({ path, message: `what ${origin} gives ${wrong}` });
    }
  }
  return { settings, problems };
}

/** Why there is no parameter of this name, and which one was probably meant. */
export function unknownParam(name: string, known: readonly string[]): string {
  const guess = nearest(name, known);
  if (guess !== undefined) return `there is no parameter "${name}"; did you mean "${guess}"?`;
  const hint = known.length === 0 ? 'the plan declares none under params' : `the plan has ${namesToShow(known)}`;
  return `there is no parameter "${name}"; ${hint}`;
}

function readAs(text: string, kind: ParamKind): ParamValue | undefined {
  if (kind === 'text') return text;
  const trimmed = text.trim();
  if (kind === 'boolean') return trimmed === 'true' ? true : trimmed === 'false' ? false : undefined;
  return trimmed !== '' && isExactNumber(trimmed) ? Number(trimmed) : undefined;
}
