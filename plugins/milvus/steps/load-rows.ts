import { setTimeout as sleep } from 'node:timers/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { PluginError, type StepContext } from '../../../core/plugin.ts';
import { MutationResultSchema } from '../../../proto/gen/milvus/v1/milvus_pb.ts';
import { checkedFields, loadedRows, rowCount } from '../data/dataset.ts';
import { setsOf } from '../data/ground-truth.ts';
import type { NearestRows } from '../data/nearest-rows.ts';
import { rowsFrame } from '../data/row-encoder.ts';
import type { VectorSource } from '../data/vector-source.ts';
import { checkStatus, type MilvusClient, MilvusError } from '../milvus-client.ts';
import type { MilvusOptions } from '../options.ts';

const PROGRESS_EVERY_ROWS = 100_000;
/** Compared with all queries at a time; in between, others may use the process. */
const ROWS_AT_A_TIME = 100;
const RETRY_MS = 1000;
const RETRIES = 60;
/** After these the same may work soon. */
const PASSING: ReadonlySet<string> = new Set([
  'connection_refused',
  'connection_closed',
  'connection_reset',
  'connect_timeout',
  'unavailable',
  'not_ready',
  'rate_limited',
  'channel_unavailable',
  'deadline_exceeded',
]);

/**
 * Makes the rows and inserts them, some batches at a time, each in one buffer that is used again.
 * @param truth is shown all rows
 * @returns how many seconds it took
 */
export async function loadRows(
  client: MilvusClient,
  name: string,
  options: MilvusOptions,
  source: VectorSource,
  truth: NearestRows | undefined,
  { progress, signal }: StepContext,
): Promise<number> {
  const fields = checkedFields(options);
  const { dim } = fields.vector;
  const { batch, parallel, seed } = options.data;
  const rows = rowCount(options, source.rows);
  const since = performance.now();
  let next = 0;
  let loaded = 0;
  const work = async (n: number) => {
    const buffer = new Float32Array(batch * dim);
    const own = client.beside(n + 1);
    try {
      while (next < rows) {
        const first = next;
        const count = Math.min(batch, rows - first);
        next += count;
        const vectors = buffer.subarray(0, count * dim);
        await source.fill(first, vectors);
        for (let at = 0; truth !== undefined && at < count; at += ROWS_AT_A_TIME) {
          const some = vectors.subarray(at * dim, Math.min(count, at + ROWS_AT_A_TIME) * dim);
          truth.add(first + at, some, (row) => setsOf(fields, seed, row));
          await sleep(0, undefined, { signal });
        }
        await insertOnce(
          own,
          rowsFrame(name, fields, loadedRows(fields, seed, first, vectors)),
          fields.primary.auto,
          signal,
        );
        const before = Math.floor(loaded / PROGRESS_EVERY_ROWS);
        loaded += count;
        if (Math.floor(loaded / PROGRESS_EVERY_ROWS) > before || loaded === rows) {
          progress(`${loaded} of ${rows} rows are inserted into ${name}`);
        }
      }
    } finally {
      own.close();
    }
  };
  await Promise.all(Array.from({ length: parallel }, (_, n) => work(n)));
  return (performance.now() - since) / 1000;
}

/** Inserts a batch; where nobody knows whether it is stored, it is sent as an upsert, which does not double it. */
async function insertOnce(client: MilvusClient, frame: Buffer, isAuto: boolean, signal: AbortSignal): Promise<void> {
  for (let retry = 0; ; retry++) {
    const method = retry === 0 ? 'Insert' : 'Upsert';
    try {
      checkStatus(method, fromBinary(MutationResultSchema, await client.send(method, frame)).status);
      return;
    } catch (error) {
      if (!(error instanceof MilvusError) || !PASSING.has(error.kind) || retry === RETRIES) throw error;
      if (isAuto) {
        throw new PluginError(
          `${error.message}. Some rows may be stored: keys that the server makes cannot be sent again`,
          {
            cause: error,
          },
        );
      }
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}
