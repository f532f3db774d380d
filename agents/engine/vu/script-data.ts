import type { RandomStream } from '../../../core/plan/random.ts';
import { refuseUnknown } from '../../../core/script/known-names.ts';
import type { DataSource } from '../../../core/script/script-source.ts';
import type { UserData } from '../../../core/script/user.ts';
import { PassFailure } from './script-failure.ts';

export type DataSources = ReadonlyMap<string, DataSource>;

/** Waits for what the load generator owes the script. */
type DelayedBy = (owed: Promise<unknown>) => Promise<void>;

/**
 * The data sets of one virtual user, by name. An unknown name throws.
 * @param asked called before each row
 */
export function userData(
  sources: DataSources,
  user: number,
  random: RandomStream,
  delayedBy: DelayedBy,
  asked: (source: DataSource) => void,
): Readonly<Record<string, UserData>> {
  const hint = (name: string) => `name its file in the plan, under the scenario's data.${name}`;
  const data = Object.create(refuseUnknown('data', 'data set', [...sources.keys()], hint)) as Record<string, UserData>;
  for (const [name, source] of sources) {
    const next = () => {
      asked(source);
      return nextRow(source, user, random, delayedBy);
    };
    data[name] = { next };
  }
  return data;
}

/**
 * Whether a data set that is to end the virtual user has no row left for it; a promise where it is to be asked again.
 * @param hasEnough whether the user needs no other row of a set
 */
export function isUsedUp(
  sources: DataSources,
  user: number,
  hasEnough: (source: DataSource) => boolean,
): boolean | Promise<unknown> {
  for (const source of sources.values()) {
    const hasRow = source.hasRow(user);
    if (hasRow === true || hasEnough(source)) continue;
    if (hasRow !== false) return hasRow;
    if (source.atEnd === 'stop') return true;
  }
  return false;
}

async function nextRow(
  source: DataSource,
  user: number,
  random: RandomStream,
  delayedBy: DelayedBy,
): Promise<Readonly<Record<string, string>>> {
  for (let hasRow = source.hasRow(user); hasRow !== true; hasRow = source.hasRow(user)) {
    if (hasRow === false) throw new PassFailure('data_exhausted', `data file ${source.file}: all rows are used`);
    await delayedBy(hasRow);
  }
  const values = source.take(user, random) ?? [];
  const row: Record<string, string> = {};
  source.columns.forEach((column, i) => {
    row[column] = values[i] as string;
  });
  return row;
}
