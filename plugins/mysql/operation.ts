import { errorMessage } from '../../core/error.ts';
import { type OperationInfo, PluginError } from '../../core/plugin.ts';
import { columnFinder, type DataSets } from '../data/data-option.ts';
import { type FindColumn, variablesIn } from '../data/template.ts';
import { type MysqlOptions, statementsOf } from './options.ts';
import { LOADED_DEVICES, loadedDevice, quoted } from './own-table.ts';
import {
  compileStatement,
  plainStatement,
  type SqlValue,
  type Statement,
  type StatementScope,
  templatesOf,
} from './statement.ts';

/** One operation of the `mysql-direct` driver, compiled. */
export interface MysqlOperation {
  readonly name: string;
  /** In order; those of a transaction run between {@link BEGIN} and {@link COMMIT}. */
  readonly statements: readonly Statement[];
  readonly isTransaction: boolean;
  /** Each success adds one row of the virtual user's device. */
  readonly writesRow: boolean;
  /** Indexes of the data sets that its parameters use. */
  readonly sets: readonly number[];
  /** Variables of the virtual user that its parameters name. */
  readonly reads: readonly string[];
}

export const BEGIN = plainStatement('BEGIN');
export const COMMIT = plainStatement('COMMIT');
export const ROLLBACK = plainStatement('ROLLBACK');

/** The documented upload test sends values from 0.00 to 1000.00. */
const VALUE_MAX_HUNDREDTHS = 100_000;
/** The range of ids that `select-range` reads from when the run has loaded no rows. */
const FEW_ROWS = 1000;

export function operationInfos({ operations }: MysqlOptions): OperationInfo[] {
  return [
    { name: 'insert', type: 'INSERT' },
    { name: 'select-device', type: 'SELECT' },
    { name: 'select-range', type: 'SELECT' },
    ...Object.entries(operations).map(([name, operation]) => ({
      name,
      type: 'transaction' in operation ? 'TRANSACTION' : 'SQL',
      reads: readsOf(operation),
    })),
  ];
}

/**
 * @param table name of the driver's table
 * @throws {PluginError} for a parameter that cannot be compiled
 */
export function compileOperations(
  options: MysqlOptions,
  table: string,
  data: DataSets,
): ReadonlyMap<string, MysqlOperation> {
  const findIn = columnFinder(data);
  const own = Object.entries(options.operations).map(([name, operation]): MysqlOperation => {
    const sets = new Set<number>();
    const findColumn: FindColumn = (set, column) => {
      const found = findIn(set, column);
      sets.add(found.set);
      return found;
    };
    const statements = statementsOf(operation).map((statement, i) => {
      try {
        return compileStatement(statement, quoted(table), findColumn);
      } catch (error) {
        const where = 'transaction' in operation ? `${name}.transaction[${i}]` : name;
        throw new PluginError(`operations.${where}: ${errorMessage(error)}`, { cause: error });
      }
    });
    return {
      name,
      statements,
      isTransaction: 'transaction' in operation,
      writesRow: false,
      sets: [...sets],
      reads: readsOf(operation),
    };
  });
  return new Map([...builtIn(options, quoted(table)), ...own].map((operation) => [operation.name, operation]));
}

/** A template that cannot be read has been refused with the plan. */
function readsOf(operation: MysqlOptions['operations'][string]): string[] {
  const templates = statementsOf(operation).flatMap(templatesOf);
  return variablesIn(templates.filter((template) => typeof template !== 'string'));
}

function builtIn({ rows, selectRows }: MysqlOptions, table: string): MysqlOperation[] {
  const single = (name: string, sql: string, values: (scope: StatementScope) => SqlValue[]): MysqlOperation => ({
    name,
    statements: [{ sql, isPreparable: true, parameters: sql.split('?').length - 1, values }],
    isTransaction: false,
    writesRow: name === 'insert',
    sets: [],
    reads: [],
  });
  const columns = 'id, device_id, test_data, upload_time';
  return [
    single('insert', `INSERT INTO ${table} (device_id, test_data) VALUES (?, ?)`, ({ device, random }) => [
      device,
      random.integer(VALUE_MAX_HUNDREDTHS + 1) / 100,
    ]),
    single(
      'select-device',
      `SELECT ${columns} FROM ${table} WHERE device_id = ? ORDER BY id DESC LIMIT ${selectRows}`,
      ({ device, random }) => [rows === 0 ? device : loadedDevice(random.integer(LOADED_DEVICES) + 1)],
    ),
    single('select-range', `SELECT ${columns} FROM ${table} WHERE id BETWEEN ? AND ?`, ({ random }) => {
      const first = random.integer(rows === 0 ? FEW_ROWS : rows) + 1;
      return [first, first + selectRows - 1];
    }),
  ];
}
