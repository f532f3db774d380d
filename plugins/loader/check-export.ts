import { PluginError } from '../../core/plugin.ts';
import { PLUGIN_INTERFACE } from '../../core/version.ts';

export type PluginKind = 'driver' | 'monitor' | 'output' | 'report' | 'shape' | 'script';

/** A plugin that is an object with methods. */
type ObjectKind = Exclude<PluginKind, 'shape' | 'script'>;

type Fields = Readonly<Record<string, unknown>>;

/** The methods that a plugin of each kind must have, and the helper that types them. */
const MEMBERS: Readonly<Record<ObjectKind, { readonly methods: readonly string[]; readonly define: string }>> = {
  driver: { methods: ['operations', 'open'], define: 'defineDriver' },
  monitor: { methods: ['open'], define: 'defineMonitor' },
  output: { methods: ['open'], define: 'defineOutput' },
  report: { methods: ['render'], define: 'defineReport' },
};

const USER_EXAMPLE = 'write `export default defineUser({ … })`';

/**
 * Checks what the module of a plugin exports by default. Whoever writes it in JavaScript has no compiler that does.
 * @throws {PluginError} with what is wrong; of a script, the first such thing
 */
export function checkExport(kind: PluginKind, reference: string, value: unknown): void {
  if (kind === 'shape') checkShape(reference, value);
  else if (kind === 'script') checkUser(reference, value);
  else checkMembers(kind, reference, value);
}

function checkShape(reference: string, value: unknown): void {
  if (typeof value === 'function') return;
  const found = value === undefined ? 'has no default export' : 'is not a function';
  throw new PluginError(
    `"${reference}" is not a shape: it ${found}; write \`export default defineShape((seconds) => …)\``,
  );
}

function checkMembers(kind: ObjectKind, reference: string, value: unknown): void {
  const { methods, define } = MEMBERS[kind];
  const plugin = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const { interface: madeFor = PLUGIN_INTERFACE } = plugin;
  if (madeFor !== PLUGIN_INTERFACE) {
    throw new PluginError(
      `"${reference}" was made for version ${String(madeFor)} of the plugin interface, and this bench has version ${PLUGIN_INTERFACE}: use a release of the plugin, or of bench, that goes with the other`,
    );
  }
  const missing = [
    ...(typeof plugin.name === 'string' ? [] : ['name']),
    ...(isStandardSchema(plugin.options) ? [] : ['options']),
    ...methods.filter((method) => typeof plugin[method] !== 'function'),
  ];
  const other = missing.length === 0 ? otherKind(kind, plugin) : `lacks ${missing.join(', ')}`;
  if (other === undefined) return;
  const found = value === undefined ? 'has no default export' : other;
  const what = kind === 'output' ? 'an output' : `a ${kind}`;
  throw new PluginError(`"${reference}" is not ${what}: it ${found}; write \`export default ${define}({ … })\``);
}

/** An output and a monitor have the same methods. */
function otherKind(kind: ObjectKind, plugin: Fields): string | undefined {
  if (kind === 'monitor' && plugin.kind === 'output') return 'is an output';
  return kind === 'output' && plugin.kind !== 'output' ? 'was not made with defineOutput' : undefined;
}

function isStandardSchema(value: unknown): boolean {
  const schema = (value as { '~standard'?: { validate?: unknown } } | null | undefined)?.['~standard'];
  return typeof schema?.validate === 'function';
}

function checkUser(reference: string, value: unknown): void {
  const wrong = wrongIn(value);
  if (wrong !== undefined) throw new PluginError(`"${reference}" is not a user: ${wrong}`);
}

function wrongIn(value: unknown): string | undefined {
  if (value === undefined) return `it has no default export; ${USER_EXAMPLE}`;
  if (typeof value !== 'object' || value === null) return `its default export is no object; ${USER_EXAMPLE}`;
  const { tasks, iterate, drivers, ...user } = value as Fields;
  if (tasks !== undefined && iterate !== undefined) return 'it has tasks and iterate: keep one of them';
  if (tasks === undefined && iterate === undefined) return `it has neither tasks nor iterate; ${USER_EXAMPLE}`;
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
