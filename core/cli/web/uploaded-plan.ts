import { resolve } from 'node:path';
import { builtinDrivers, builtinMonitors, builtinOutputs } from '../../../plugins/builtin.ts';
import { builtinReports } from '../../../reports/builtin.ts';
import { formatPath, type PlanProblem } from '../../plan/problem.ts';
import { isBelow, realPath } from '../../plan-files.ts';
import { placesIn } from '../../secrets/reference.ts';
import { pluginReferences } from '../plans/plugin-references.ts';

export interface UploadRules {
  /** The folder of plans; undefined where there is none, and then no plan may name a file. */
  readonly folder: string | undefined;
  /** Whether plans may name variables: those with the prefix that control was started with. */
  readonly mayNameVariables: boolean;
}

const BUILTIN = {
  driver: builtinDrivers,
  monitor: builtinMonitors,
  output: builtinOutputs,
  report: builtinReports,
} as const;

/**
 * What a plan that came over the network names and may not. Whoever sends a plan need not be the user whose files and variables
 * this process can read: a plan could send them to a target of its author's choice.
 * @param source as it was sent, which need not be valid
 */
export function uploadProblems(source: unknown, { folder, mayNameVariables }: UploadRules): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const below =
    folder === undefined ? 'there is no folder of plans: start control with --plans' : `it must lie below ${folder}`;
  const check = (what: string, name: string, path: string) => {
    if (folder !== undefined && isPath(name) && isBelow(realPath(resolve(folder, name)), folder)) return;
    problems.push({ path, message: `${what} ${name} may not be named by a plan that was sent: ${below}` });
  };
  for (const { kind, use, path } of pluginReferences(source)) {
    if (!Object.hasOwn(BUILTIN[kind], use)) check(`the ${kind}`, use, path);
  }
  for (const { name, path } of modulesIn(source)) check('the module', name, path);
  for (const { reference, path } of placesIn(source, [])) {
    const at = formatPath(path);
    if (reference.kind === 'file') check('the file', reference.name, at);
    else if (!mayNameVariables) {
      const message = `the variable ${reference.name} may not be named by a plan that was sent: start control with --secrets and a prefix`;
      problems.push({ path: at, message });
    }
  }
  return problems;
}

/** A package may lie anywhere. */
function isPath(name: string): boolean {
  return /^[./]/.test(name) || name.includes('/') || /\.\w+$/.test(name);
}

/** Scripts, shapes and files of data, at the places where plans have them. */
function modulesIn(source: unknown): { name: string; path: string }[] {
  return Object.entries(fields(fields(source).scenarios)).flatMap(([scenario, value]) => {
    const { user, shape, data } = fields(value);
    const named: [readonly PropertyKey[], unknown][] = [
      [['user'], user],
      [['shape'], shape],
      ...Object.entries(fields(data)).map(([set, entry]): [readonly PropertyKey[], unknown] => {
        return [['data', set, 'file'], fields(entry).file];
      }),
    ];
    return named.flatMap(([path, name]) => {
      return typeof name === 'string' ? [{ name, path: formatPath(['scenarios', scenario, ...path]) }] : [];
    });
  });
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
