import type { ErrorKind, RunResult } from '../../../core/stats/result.ts';
import { FAILING, resultOf } from './documents.ts';
import { HOSTILE_NAMES } from './hostile.ts';

/** The failing run with as many kinds of failures as a run can have, all with texts of somebody who means harm. */
export function manyFailures(operations: number, kinds: number): RunResult {
  const result = resultOf(FAILING);
  const [operation] = result.operations;
  const [columns] = result.timeline.operations;
  if (operation === undefined || columns === undefined) throw new Error('the failing run has no operations');
  const hostile = (i: number) => HOSTILE_NAMES[i % HOSTILE_NAMES.length] as string;
  const { measure } = operation.phases;
  return {
    ...result,
    operations: Array.from({ length: operations }, (_, o) => ({
      ...operation,
      name: `${o} ${hostile(o)}`.slice(0, 80),
      phases: {
        ...operation.phases,
        measure: {
          ...measure,
          requests: kinds,
          errors: kinds,
          errorKinds: Array.from(
            { length: kinds },
            (_, k): ErrorKind => ({
              kind: k === 0 ? '__proto__' : `${k} ${hostile(k + o)}`.slice(0, 80),
              count: 1,
              example: `${o}.${k} \u202e${hostile(k)}`.slice(0, 2000),
              firstSecond: 0,
              lastSecond: 1,
            }),
          ),
        },
      },
    })),
    timeline: { ...result.timeline, operations: Array.from({ length: operations }, () => columns) },
  };
}
