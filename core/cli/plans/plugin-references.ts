import { formatPath } from '../../plan/problem.ts';

/** A place in a plan that names a plugin. */
export interface PluginReference {
  readonly kind: 'driver' | 'monitor' | 'output' | 'report';
  /** Path of the name in the plan. */
  readonly path: string;
  /** Built-in name, package or path. */
  readonly use: string;
  readonly options: unknown;
  readonly optionsPath: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** The plugins that a plan names. The plan need not be valid: parts that do not fit the schema are skipped. */
export function pluginReferences(source: unknown): PluginReference[] {
  const plan = fields(source);
  return [
    ...drivers(plan),
    ...allNamed('monitor', 'monitors', fields(plan.monitors)),
    ...allNamed('output', 'outputs', fields(plan.outputs)),
    ...reports(plan.reports),
  ];
}

function drivers(plan: Fields): PluginReference[] {
  const defined = fields(plan.drivers);
  const references = new Map<string, PluginReference>();
  for (const [scenarioName, scenario] of Object.entries(fields(plan.scenarios))) {
    for (const part of ['operations', 'onStart', 'flow', 'onStop']) {
      for (const { name, path } of driversIn(fields(scenario)[part], ['scenarios', scenarioName, part])) {
        if (references.has(name) || (defined[name] !== undefined && !isMap(defined[name]))) continue;
        references.set(name, named('driver', 'drivers', name, fields(defined[name]), formatPath(path)));
      }
    }
  }
  return [...references.values()];
}

/** Drivers that a list of operations or a flow names, at any depth. */
function driversIn(value: unknown, path: readonly PropertyKey[]): { name: string; path: PropertyKey[] }[] {
  if (Array.isArray(value)) return value.flatMap((entry, i) => driversIn(entry, [...path, i]));
  const { driver, flow, choose } = fields(value);
  const own = typeof driver === 'string' && driver !== '' ? [{ name: driver, path: [...path, 'driver'] }] : [];
  const inner = [...list(choose).flatMap((branch, i) => driversIn(branch, [...path, 'choose', i]))];
  return [...own, ...inner, ...(flow === undefined ? [] : driversIn(flow, [...path, 'flow']))];
}

function allNamed(kind: 'monitor' | 'output', section: string, defined: Fields): PluginReference[] {
  return Object.entries(defined)
    .filter(([, definition]) => isMap(definition))
    .map(([name, definition]) => named(kind, section, name, fields(definition), formatPath([section, name])));
}

function named(
  kind: 'driver' | 'monitor' | 'output',
  section: string,
  name: string,
  definition: Fields,
  path: string,
): PluginReference {
  const { use, options } = definition;
  const isElsewhere = typeof use === 'string' && use !== '';
  return {
    kind,
    path: isElsewhere ? formatPath([section, name, 'use']) : path,
    use: isElsewhere ? use : name,
    options: options ?? {},
    optionsPath: formatPath([section, name, 'options']),
  };
}

function reports(defined: unknown): PluginReference[] {
  return list(defined).flatMap((entry, i): PluginReference[] => {
    const path = formatPath(['reports', i]);
    if (typeof entry === 'string') return [{ kind: 'report', path, use: entry, options: {}, optionsPath: path }];
    const { use, options = {} } = fields(entry);
    if (typeof use !== 'string') return [];
    return [{ kind: 'report', path: `${path}.use`, use, options, optionsPath: `${path}.options` }];
  });
}

/** The criteria of a plan's thresholds with their paths. */
export function criteria(source: unknown): { path: string; text: string }[] {
  return list(fields(source).thresholds).flatMap((entry, i) => {
    const isText = typeof entry === 'string';
    const text = isText ? entry : fields(entry).criterion;
    const path = formatPath(isText ? ['thresholds', i] : ['thresholds', i, 'criterion']);
    return typeof text === 'string' ? [{ path, text }] : [];
  });
}

function fields(value: unknown): Fields {
  return isMap(value) ? value : {};
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
