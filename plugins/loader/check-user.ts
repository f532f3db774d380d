import { PluginError } from '../../core/plugin.ts';

type Fields = Readonly<Record<string, unknown>>;

const EXAMPLE = 'write `export default defineUser({ … })`';

/**
 * Checks what a script's module exports. Whoever writes it in JavaScript has no compiler that does.
 * @throws {PluginError} with the first thing that is wrong
 */
export function checkUser(reference: string, value: unknown): void {
  const wrong = wrongIn(value);
  if (wrong !== undefined) throw new PluginError(`"${reference}" is not a user: ${wrong}`);
}

function wrongIn(value: unknown): string | undefined {
  if (value === undefined) return `it has no default export; ${EXAMPLE}`;
  if (typeof value !== 'object' || value === null) return `its default export is no object; ${EXAMPLE}`;
  const { tasks, iterate, drivers, ...user } = value as Fields;
  if (tasks !== undefined && iterate !== undefined) return 'it has tasks and iterate: keep one of them';
  if (tasks === undefined && iterate === undefined) return `it has neither tasks nor iterate; ${EXAMPLE}`;
  if (iterate !== undefined && typeof iterate !== 'function') return 'its iterate is no function';
  const hook = ['onStart', 'onStop'].find((name) => user[name] !== undefined && typeof user[name] !== 'function');
  if (hook !== undefined) return `its ${hook} is no function`;
  const isList = Array.isArray(drivers) && drivers.every((name) => typeof name === 'string');
  if (drivers !== undefined && !isList) return 'its drivers are no list of names';
  return tasks === undefined ? undefined : wrongInTasks(tasks);
}

function wrongInTasks(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'its tasks are no object of tasks by name';
  const tasks = Object.entries(value as Record<string, Fields | null>);
  if (tasks.length === 0) return 'it has no task in tasks';
  let sum = 0;
  for (const [name, task] of tasks) {
    const { run, weight = 1 } = task ?? {};
    if (typeof run !== 'function') return `its task "${name}" has no function run`;
    if (typeof weight !== 'number' || !(weight >= 0) || weight === Number.POSITIVE_INFINITY) {
      return `the weight of its task "${name}" must be a number of at least 0`;
    }
    sum += weight;
  }
  return sum > 0 ? undefined : 'the weights of its tasks add up to 0: give at least one task a weight above 0';
}
