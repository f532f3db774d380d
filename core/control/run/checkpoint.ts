import { z } from 'zod';
import { startInstant } from './start-instant.ts';

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
  z.object({ kind: z.literal('level'), atUs: z.number(), scenario: z.number(), level: z.number() }),
  z.object({ kind: z.literal('pause'), atUs: z.number() }),
  z.object({ kind: z.literal('resume'), atUs: z.number() }),
]);
const shareChange = z.object({ kind: z.literal('share'), atUs: z.number(), share });
const pastShare = z.object({ kind: z.literal('past-share'), atUs: z.number(), part: z.number() });

/** Times are since second 0. */
const closed = z.object({
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

const started = z.object({
  /** Second 0. */
  start: startInstant,
  /** In the order of their indices. */
  agents: z.array(
    z.object({
      name: z.string(),
      epoch: z.string(),
      certificate: z.string(),
      labels: z.record(z.string(), z.string()),
      environment,
      /** At the start; not there for an agent that came later. */
      share: share.optional(),
      /** What it was told of the load since. */
      changes: z.array(z.union([loadChange, shareChange, pastShare])),
      /** There once all that it did is counted: it need not come back to tell. */
      closed: closed.optional(),
    }),
  ),
  /** Of the load, by people. */
  changes: z.array(loadChange),
  targetEnvironment: z.record(z.string(), z.string()),
});

const checkpointSchema = z.object({
  expectAgents: z.number(),
  agentsTimeoutUs: z.number(),
  onAgentLoss: z.enum(['rebalance', 'continue', 'abort']),
  elastic: z.boolean(),
  agentLabels: z.record(z.string(), z.string()),
  lossTolerance: z.number(),
  command: z.string(),
  /** There once the load has a start. */
  started: started.optional(),
  events: z.array(z.object({ atUs: z.number(), text: z.string() })),
  /** There once it is to end: the first reason, and whether what is in flight is cut off. */
  stop: z
    .object({
      cause: z.enum(['request', 'threshold', 'failure']),
      reason: z.string(),
      abort: z.boolean().default(false),
    })
    .optional(),
});

/** What another process needs, beside the plan and the stored windows, to go on with a run when this one is no more. */
export type Checkpoint = Readonly<z.infer<typeof checkpointSchema>>;

/** How the agents of a run are gathered, and what their loss means. */
export type AgentPolicy = Pick<
  Checkpoint,
  'expectAgents' | 'agentsTimeoutUs' | 'onAgentLoss' | 'elastic' | 'agentLabels' | 'lossTolerance'
>;

/** What is settled when the load starts. */
export type Started = Readonly<z.infer<typeof started>>;

/** @throws when another version has written it */
export function readCheckpoint(json: string): Checkpoint {
  return checkpointSchema.parse(JSON.parse(json));
}
