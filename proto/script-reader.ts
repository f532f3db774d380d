import { MAX_SCRIPT_NAMES } from '../core/stats/script-names.ts';
import {
  type CheckWindow,
  MAX_NAME_LENGTH,
  MAX_TAGS,
  type OperationWindow,
  type RowFigures,
  type ScriptRow,
  type ScriptRowWindow,
  type ScriptWindow,
} from '../core/stats/window.ts';
import { RowKind, type Phase as WirePhase } from './gen/bench/v1/window_pb.ts';
import { wholeNumber } from './histogram-reader.ts';
import { addUpTo, part, phaseFromWire, readFields, text } from './read-fields.ts';
import { FIXED64, LENGTH_DELIMITED, VARINT, WireError, type WireReader } from './wire-reader.ts';

const KINDS: ReadonlyMap<number, ScriptRow['kind']> = new Map([
  [RowKind.REQUEST, 'request'],
  [RowKind.MEASURE, 'measure'],
]);

/** What else of a window is read in the same way, and how much of it there may be. */
export interface ScriptLimits {
  readonly scenarios: number;
  readonly operationOf: (reader: WireReader) => OperationWindow;
}

/** Reads a bench.v1.ScriptWindow. @throws {WireError} */
export function scriptOf(reader: WireReader, limits: ScriptLimits): ScriptWindow {
  const { scenarios } = limits;
  const rows: ScriptRowWindow[] = [];
  const checks: CheckWindow[] = [];
  // In both phases; beyond the limit of names there is one more for each scenario and kind.
  const mostRows = 2 * (MAX_SCRIPT_NAMES + KINDS.size * scenarios);
  const mostChecks = 2 * (MAX_SCRIPT_NAMES + scenarios);
  readFields(reader, (number, kind) => {
    if (kind !== LENGTH_DELIMITED) return false;
    if (number === 1)
      addUpTo(
        mostRows,
        rows,
        part(reader, (of) => rowOf(of, limits)),
        'script.rows',
      );
    else if (number === 2)
      addUpTo(
        mostChecks,
        checks,
        part(reader, (of) => checkOf(of, limits)),
        'script.checks',
      );
    else return false;
    return true;
  });
  return { rows, checks };
}

function rowOf(reader: WireReader, { scenarios, operationOf }: ScriptLimits): ScriptRowWindow {
  let scenario = 0;
  let kind: ScriptRow['kind'] | undefined;
  let driver = '';
  let type = '';
  let name = '';
  const tags: [string, string][] = [];
  let figures: RowFigures | undefined;
  readFields(reader, (number, encoding) => {
    if (encoding === VARINT) {
      if (number === 1) scenario = reader.uint32();
      else if (number === 2) kind = KINDS.get(reader.uint32());
      else return false;
    } else if (encoding !== LENGTH_DELIMITED) return false;
    else if (number === 3) driver = text(reader, MAX_NAME_LENGTH, 'script.rows.driver');
    else if (number === 4) type = text(reader, MAX_NAME_LENGTH, 'script.rows.type');
    else if (number === 5) name = text(reader, MAX_NAME_LENGTH, 'script.rows.name');
    else if (number === 6) addUpTo(MAX_TAGS, tags, part(reader, tagOf), 'script.rows.tags');
    else if (number === 7) {
      const { operation: _, ...rest } = part(reader, operationOf);
      figures = rest;
    } else return false;
    return true;
  });
  checkScenario(scenario, scenarios);
  if (kind === undefined) throw new WireError('script.rows.kind is no kind of row');
  if (figures === undefined) throw new WireError(`script.rows: "${name}" has no figures`);
  return { row: { scenario, kind, driver, type, name, tags: Object.fromEntries(tags) }, ...figures };
}

/** An entry of a map (https://protobuf.dev/programming-guides/encoding/#maps). */
function tagOf(reader: WireReader): [string, string] {
  let key = '';
  let value = '';
  readFields(reader, (number, kind) => {
    if (kind !== LENGTH_DELIMITED) return false;
    if (number === 1) key = text(reader, MAX_NAME_LENGTH, 'script.rows.tags');
    else if (number === 2) value = text(reader, MAX_NAME_LENGTH, 'script.rows.tags');
    else return false;
    return true;
  });
  return [key, value];
}

function checkOf(reader: WireReader, { scenarios }: ScriptLimits): CheckWindow {
  let scenario = 0;
  let name = '';
  let phase: WirePhase = 0;
  let passes = 0;
  let fails = 0;
  readFields(reader, (number, kind) => {
    if (number === 1 && kind === VARINT) scenario = reader.uint32();
    else if (number === 2 && kind === LENGTH_DELIMITED) name = text(reader, MAX_NAME_LENGTH, 'script.checks.name');
    else if (number === 3 && kind === VARINT) phase = reader.uint32() as WirePhase;
    else if (number === 4 && kind === FIXED64) passes = wholeNumber(reader.double(), 'script.checks.passes');
    else if (number === 5 && kind === FIXED64) fails = wholeNumber(reader.double(), 'script.checks.fails');
    else return false;
    return true;
  });
  checkScenario(scenario, scenarios);
  return { scenario, name, phase: phaseFromWire(phase, 'script.checks.phase'), passes, fails };
}

function checkScenario(scenario: number, scenarios: number): void {
  if (scenario < scenarios) return;
  throw new WireError(`script: scenario is ${scenario}, but the plan has ${scenarios}`);
}
