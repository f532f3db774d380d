import { errorMessage } from '../error.ts';
import { PluginError } from '../plugin.ts';
import { refuseUnknown } from '../script/known-names.ts';
import { type Lookup, placesIn, referencesIn, shielded, withReferences } from '../secrets/reference.ts';
import { SecretMask } from '../secrets/secret-mask.ts';
import type { ParamValue } from './params/declaration.ts';
import { formatPath, PlanError, type PlanProblem } from './problem.ts';
import type { ResolvedPlan } from './resolve.ts';
import type { ParsedPlan } from './schema.ts';

/** The parts of a plan that a process uses itself. References are looked up in these parts only. */
export interface Use {
  readonly target: boolean;
  /** By the names they have in the plan. */
  readonly drivers: Iterable<string>;
  readonly monitors: Iterable<string>;
  readonly outputs: Iterable<string>;
}

/** The values of a plan's references. They stay in the process that uses them. */
export interface PlanSecrets {
  /** The plan's target with all values; empty when the plan has none. */
  readonly target: string;
  /** Hides the values in everything that leaves this process. */
  readonly mask: SecretMask;
  /** Fills all values into the options of a plugin, which its schema has returned. */
  fill(options: unknown): unknown;
}

/**
 * Looks up what the plan refers to.
 * @throws {PlanError} with every reference that has no value, and its place
 */
export function resolveSecrets(plan: ParsedPlan, use: Use, lookup: Lookup): PlanSecrets {
  const values = new Map<string, string>();
  const mask = new SecretMask();
  const problems: PlanProblem[] = [];
  const look = (part: unknown, path: readonly PropertyKey[]) => {
    for (const { reference, path: at } of placesIn(part, path)) {
      try {
        const value = lookup(reference);
        values.set(reference.text, value);
        mask.add(value, reference.text);
      } catch (error) {
        problems.push({ path: formatPath(at), message: errorMessage(error) });
      }
    }
  };
  if (use.target) look(plan.target, ['target']);
  for (const name of use.drivers) look(plan.drivers[name]?.options, ['drivers', name, 'options']);
  for (const name of use.monitors) look(plan.monitors[name]?.options, ['monitors', name, 'options']);
  for (const name of use.outputs) look(plan.outputs[name]?.options, ['outputs', name, 'options']);
  if (problems.length > 0) throw new PlanError(problems);
  // A text that does not come from the plan, such as a schema's default, stays as it is.
  const found: Lookup = ({ text }) => values.get(text) ?? text;
  return {
    mask,
    target: use.target ? filledText(plan.target ?? '', found) : (plan.target ?? ''),
    fill: (options) => filled(options, found),
  };
}

/**
 * Fills the values into options that stand in no plan.
 * @throws {UnresolvedReference}
 */
export function filledWith(options: unknown, lookup: Lookup): { readonly value: unknown; readonly mask: SecretMask } {
  const mask = new SecretMask();
  const value = filled(options, (reference) => {
    const found = lookup(reference);
    mask.add(found, reference.text);
    return found;
  });
  return { value, mask };
}

/**
 * The values of a plan's parameters, for its scripts. Reading one throws where there is no such parameter, or where the process has
 * no value for what it refers to: which of them a script needs, nobody knows before.
 */
export function paramValues(
  { params }: ParsedPlan,
  lookup: Lookup,
  mask: SecretMask,
): Readonly<Record<string, ParamValue>> {
  const names = Object.keys(params);
  const hint = () => `the plan has ${names.join(', ') || 'none'} under params`;
  const values = Object.create(refuseUnknown('params', 'parameter', names, hint)) as Record<string, ParamValue>;
  for (const [name, { default: value = '' }] of Object.entries(params)) {
    if (typeof value !== 'string' || referencesIn(value).length === 0) {
      Object.defineProperty(values, name, { enumerable: true, value });
      continue;
    }
    const { found, problem } = lookedUp(value, lookup, mask);
    const get = () => {
      if (problem === undefined) return found;
      throw new PluginError(`params.${name}: ${problem}`);
    };
    Object.defineProperty(values, name, { enumerable: true, get });
  }
  return values;
}

function lookedUp(text: string, lookup: Lookup, mask: SecretMask) {
  try {
    const found = filledText(text, (reference) => {
      const value = lookup(reference);
      mask.add(value, reference.text);
      return value;
    });
    return { found };
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}

/** The plan with all values, for the process that drives its load. */
export function filledPlan(resolved: ResolvedPlan, { target, fill }: PlanSecrets): ResolvedPlan {
  const drivers = [...resolved.drivers].map(
    ([name, { plugin, options }]) => [name, { plugin, options: fill(options) }] as const,
  );
  return { ...resolved, plan: { ...resolved.plan, target }, drivers: new Map(drivers) };
}

function filled(value: unknown, lookup: Lookup): unknown {
  if (typeof value === 'string') return filledText(value, lookup);
  if (Array.isArray(value)) return value.map((inner) => filled(inner, lookup));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, lookup)]));
}

/** A schema may turn options into anything, and only plain data can be copied. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** User and password of a URL are percent-encoded, so that a value may hold any character. */
function filledText(text: string, lookup: Lookup): string {
  const { text: url, restore } = shielded(text);
  const [, before = '', account = '', rest] = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)(.*)$/is.exec(url) ?? [];
  if (rest === undefined) return withReferences(text, lookup);
  const encoded: Lookup = (reference) => encodeURIComponent(lookup(reference));
  return before + restore(account, encoded) + restore(rest, lookup);
}
