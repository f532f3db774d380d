import { z } from 'zod';
import { BenchError } from '../../error.ts';
import { searchedLevelSchema } from '../../stats/search/search-schema.ts';
import type { RunState } from './run-state.ts';
import { startInstant } from './start-time.ts';

const environment = z.object({
  host: z.string(),
  os: z.string(),
  runtime: z.string(),
  cpuModel: z.string(),
  cpus: z.number(),
  memoryBytes: z.number(),
});

const share = z.object({ of: z.number(), slots: z.array(z.number()).readonly() });
const loadChange = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('level'),
    atUs: z.number(),
    scenario: z.number(),
    level: z.number(),
    rampUs: z.number().optional(),
  }),
  z.object({ kind: z.literal('pause'), atUs: z.number() }),
  z.object({ kind: z.literal('resume'), atUs: z.number() }),
]);
const shareChange = z.object({ kind: z.literal('share'), atUs: z.number(), share });
const pastShare = z.object({ kind: z.literal('past-share'), atUs: z.number(), part: z.number() });

/** An agent of which everything is counted. Times are since the run start. */
const closed = z.object({
  /** Why it ended its load early; absent when it did not. */
  departure: z.object({ reason: z.string(), isByItself: z.boolean(), atUs: z.number() }).optional(),
  clock: z.object({ offsetUs: z.number(), uncertaintyUs: z.number() }),
  done: z.object({
    atUs: z.number(),
    loadUs: z.number().optional(),
    lastSeq: z.number(),
    totals: z
      .array(
        z.object({
          operation: z.number(),
          phase: z.enum(['warmup', 'measure']),
          count: z.number(),
          errors: z.number(),
          responseSumUs: z.number(),
          serviceSumUs: z.number(),
        }),
      )
      .readonly(),
    acknowledged: z.number(),
    unknown: z.number(),
    startDelayUs: z.number(),
  }),
});

const block = { first: z.number(), count: z.number() };

/** Rows of a set that all agents use up together; see DealerState. */
const rows = z.object({
  set: z.string(),
  rows: z.number(),
  repeats: z.boolean(),
  next: z.number(),
  free: z.array(z.object(block).readonly()).readonly(),
  hands: z
    .array(
      z
        .object({
          agent: z.number(),
          returned: z.number(),
          blocks: z.array(z.object({ ...block, number: z.number() }).readonly()).readonly(),
          lastDeal: z
            .object({ ...block, number: z.number(), last: z.boolean() })
            .readonly()
            .optional(),
        })
        .readonly(),
    )
    .readonly(),
});

const started = z.object({
  start: startInstant,
  /** In the order of their indices in the run's totals. */
  agents: z.array(
    z.object({
      name: z.string(),
      epoch: z.string(),
      certificate: z.string(),
      labels: z.record(z.string(), z.string()),
      environment,
      /** Its share of the load at the run start; absent for an agent that joined the run later. */
      share: share.optional(),
      /** Every change of the load that it has been sent, in order. */
      changes: z.array(z.union([loadChange, shareChange, pastShare])),
      /** Present once everything that it did is counted: then it need not come back. */
      closed: closed.optional(),
    }),
  ),
  rows: z.array(rows).readonly().default([]),
  /** Load changes requested by operators, in order. */
  changes: z.array(loadChange),
  targetEnvironment: z.record(z.string(), z.string()),
  /** The levels of a search that could be judged, in order. */
  searched: z.array(searchedLevelSchema).optional(),
});

const checkpointSchema = z.object({
  expectAgents: z.number(),
  agentsTimeoutUs: z.number(),
  onAgentLoss: z.enum(['rebalance', 'continue', 'abort']),
  elastic: z.boolean(),
  agentLabels: z.record(z.string(), z.string()),
  lossTolerance: z.number(),
  /** Which operations those who watch are told of in full; absent for none. */
  trace: z.enum(['all', 'failed']).optional(),
  /** Set where drivers are to prepare, and there is no load. */
  preparesOnly: z.boolean().optional(),
  command: z.string(),
  /** What was sent with the run; its contents lie in the cache of the host. */
  bundle: z
    .array(
      z
        .object({ kind: z.enum(['module', 'file']), name: z.string(), sha256: z.string(), bytes: z.number() })
        .readonly(),
    )
    .readonly()
    .default([]),
  /** What its criteria are compared with; absent for a run without a baseline. */
  baseline: z
    .object({ name: z.string(), runIds: z.array(z.string()).readonly(), figures: z.record(z.string(), z.number()) })
    .readonly()
    .optional(),
  /** Present once the run start has been chosen. */
  started: started.optional(),
  events: z.array(z.object({ atUs: z.number(), text: z.string() })),
  /** Present once a stop was requested: the first reason, and whether operations in flight are cut off. */
  stop: z
    .object({
      cause: z.enum(['request', 'threshold', 'failure']),
      reason: z.string(),
      abort: z.boolean().default(false),
    })
    .optional(),
  /**
   * Whether what the drivers of a run that has ended made may still be there. Absent where nothing says so: then only what was
   * prepared without a load is there.
   */
  leftBehind: z.boolean().optional(),
});

/** What another control process needs to go on with a run when this one is gone, beside the plan and the stored windows. */
export type Checkpoint = Readonly<z.infer<typeof checkpointSchema>>;

/** Which agents a run waits for, and what happens when it loses some. */
export type AgentPolicy = Pick<
  Checkpoint,
  | 'expectAgents'
  | 'agentsTimeoutUs'
  | 'onAgentLoss'
  | 'elastic'
  | 'agentLabels'
  | 'lossTolerance'
  | 'trace'
  | 'preparesOnly'
>;

/** A load that has been started: its start, its agents, and what has been changed since. */
export type Started = Readonly<z.infer<typeof started>>;

/**
 * Whether what the drivers of a run that has ended made may still be there, and its plan is needed to remove it.
 * @param json its checkpoint
 */
export function hasLeftBehind(json: string, state: RunState['kind']): boolean {
  const mark = readMark(json);
  // Where the checkpoint is damaged, nobody knows, and something may be left.
  return mark === undefined || (mark.leftBehind ?? state === 'prepared');
}

/** A checkpoint of a run of which nothing is left any more. */
export function withNothingLeft(json: string): string {
  return JSON.stringify({ ...readMark(json), leftBehind: false });
}

/** Reads the checkpoint of any version: that of a run which was stored long ago need not be readable as a whole. */
function readMark(json: string): { readonly leftBehind?: boolean | undefined } | undefined {
  if (json === '') return {};
  try {
    return z.looseObject({ leftBehind: z.boolean().optional() }).safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

/** @throws {BenchError} with the code `checkpoint_unreadable` when another version of this program wrote it, or it is damaged */
export function readCheckpoint(json: string): Checkpoint {
  try {
    return checkpointSchema.parse(JSON.parse(json));
  } catch (error) {
    throw new BenchError(
      'checkpoint_unreadable',
      'what was stored of the run cannot be read: another version of bench wrote it, or it is damaged',
      {
        cause: error,
      },
    );
  }
}
