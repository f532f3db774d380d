/** A table of figures: its columns with their types, and those that tell its rows apart. */
export interface Table {
  readonly name: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly key: readonly string[];
  /** Whether it grows with the time that a run takes: TimescaleDB keeps such a table in parts. */
  readonly isSeries: boolean;
}

export type Row = Readonly<Record<string, string | number | Date | null>>;

const run = { run_id: 'text' };
/** `at` is when the second began. TimescaleDB wants it in the key; it follows from run and second. */
const inSecond = { ...run, second: 'integer', at: 'timestamptz' };
const SECOND_KEY = ['run_id', 'second', 'at'];
const operation = { scenario: 'text', operation: 'text', type: 'text', driver: 'text' };
const OPERATION_KEY = Object.keys(operation);

export const RUNS: Table = {
  name: 'bench_run',
  columns: {
    ...run,
    plan: 'text',
    target: 'text',
    seed: 'bigint',
    started_at: 'timestamptz',
    ended_at: 'timestamptz',
    /** `running` until the run has a result. */
    outcome: 'text',
    reasons: 'text',
  },
  key: ['run_id'],
  isSeries: false,
};

/** Requests and journeys second by second, warm-up and measured phase together. */
export const SECONDS: Table = {
  name: 'bench_second',
  columns: {
    ...inSecond,
    ...operation,
    /** `request` or `journey`: passes are in no sum of all requests. */
    kind: 'text',
    requests: 'bigint',
    errors: 'bigint',
    sum_us: 'bigint',
    max_us: 'bigint',
    p50_us: 'bigint',
    p95_us: 'bigint',
    p99_us: 'bigint',
  },
  key: [...SECOND_KEY, ...OPERATION_KEY],
  isSeries: true,
};

export const LOADS: Table = {
  name: 'bench_load',
  columns: { ...inSecond, scenario: 'text', vus: 'bigint', dropped_arrivals: 'bigint' },
  key: [...SECOND_KEY, 'scenario'],
  isSeries: true,
};

/** Failures of a whole run by kind. */
export const FAILURES: Table = {
  name: 'bench_failure',
  columns: {
    ...run,
    ...operation,
    phase: 'text',
    error_kind: 'text',
    failures: 'bigint',
    first_second: 'integer',
    last_second: 'integer',
    example: 'text',
  },
  key: ['run_id', ...OPERATION_KEY, 'phase', 'error_kind'],
  isSeries: false,
};

export const AGENT_SECONDS: Table = {
  name: 'bench_agent_second',
  columns: {
    ...inSecond,
    agent: 'text',
    state: 'text',
    cpu_cores: 'double precision',
    memory_bytes: 'bigint',
    loop_lag_us: 'bigint',
  },
  key: [...SECOND_KEY, 'agent'],
  isSeries: true,
};

export const MONITOR_SAMPLES: Table = {
  name: 'bench_monitor_sample',
  columns: { ...inSecond, metric: 'text', value: 'double precision' },
  key: [...SECOND_KEY, 'metric'],
  isSeries: true,
};

export const EVENTS: Table = {
  name: 'bench_event',
  /** A text can be too long for a key. */
  columns: { ...run, at_us: 'bigint', digest: 'text', at: 'timestamptz', text: 'text' },
  key: ['run_id', 'at_us', 'digest'],
  isSeries: false,
};

export const THRESHOLDS: Table = {
  name: 'bench_threshold',
  columns: {
    ...run,
    criterion: 'text',
    severity: 'text',
    status: 'text',
    actual: 'double precision',
    limit_value: 'double precision',
    /** The unit of both: us, share, perSecond or count. */
    unit: 'text',
    samples: 'bigint',
  },
  key: ['run_id', 'criterion', 'severity'],
  isSeries: false,
};

export const TABLES: readonly Table[] = [
  RUNS,
  SECONDS,
  LOADS,
  FAILURES,
  AGENT_SECONDS,
  MONITOR_SAMPLES,
  EVENTS,
  THRESHOLDS,
];

/** Makes the table. Columns that are no key may be null. */
export function creation({ name, columns, key }: Table): string {
  const fields = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
  return `CREATE TABLE ${name} (${fields.join(', ')}, PRIMARY KEY (${key.join(', ')}))`;
}

/** Writes any number of rows in one statement, each column a list; what is there under the same key is replaced. */
export function upsert({ name, columns, key }: Table): string {
  const names = Object.keys(columns);
  const lists = Object.values(columns).map((type, i) => `$${i + 1}::${type}[]`);
  const values = names.filter((column) => !key.includes(column)).map((column) => `${column} = EXCLUDED.${column}`);
  return (
    `INSERT INTO ${name} (${names.join(', ')}) SELECT * FROM unnest(${lists.join(', ')}) ` +
    `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${values.join(', ')}`
  );
}

/** The lists for {@link upsert}. */
export function listsOf({ columns }: Table, rows: readonly Row[]): (string | number | Date | null)[][] {
  return Object.keys(columns).map((column) => rows.map((row) => storable(row[column])));
}

/** PostgreSQL takes any character of a text but NUL, which an answer may have sent. */
function storable(value: Row[string] | undefined): string | number | Date | null {
  return typeof value === 'string' ? value.replaceAll('\0', '') : (value ?? null);
}
