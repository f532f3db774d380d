import type { RunResult } from '../../../core/stats/result.ts';
import { FAILING, resultOf } from './documents.ts';

/** The failing run, with names and messages that try to break each report format. */
export function hostileResult(names: readonly string[]): RunResult {
  const result = resultOf(FAILING);
  const name = (i: number) => names[i % names.length] as string;
  return {
    ...result,
    operations: result.operations.map((operation, i) => ({
      ...operation,
      name: name(i),
      type: name(i + 1),
      phases: {
        ...operation.phases,
        measure: {
          ...operation.phases.measure,
          errorKinds: operation.phases.measure.errorKinds.map((kind) => ({ ...kind, example: name(i + 2) })),
        },
      },
    })),
    agents: result.agents.map((agent, i) => ({ ...agent, name: name(i + 3) })),
    targetEnvironment: { database: name(4) },
    events: [{ atUs: 0, text: name(5) }],
  };
}

export const HOSTILE_NAMES: readonly string[] = [
  '<script>alert("1")</script>',
  'a|b\\|c`d`',
  'line\nbreak\r\nand\ttab',
  'quotes " \' and , ; =cmd()',
  'control \u0000\u0007\u001b[31m\u007f\u202e',
  'emoji 😀 👩‍👩‍👧 请求 \ud800',
  'x'.repeat(10_000),
  '_*~[link](javascript:alert(1))~*_ ::error::%0A',
];
