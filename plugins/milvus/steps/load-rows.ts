import { setTimeout as sleep } from 'node:timers/promises';
import { PluginError, type StepContext } from '../../../core/plugin.ts';
import { MutationResultSchema } from '../../../proto/gen/milvus/v1/milvus_pb.ts';
import { decodeAnswer } from '../answer-reader.ts';
import { checkedFields, loadedRows, partitionSet, rowCount, rowsOfPartition } from '../data/dataset.ts';
import { setsOf, truthSize } from '../data/ground-truth.ts';
import type { NearestRows } from '../data/nearest-rows.ts';
import { rowsFrame } from '../data/row-encoder.ts';
import type { VectorSource } from '../data/vector-source.ts';
import { mayHaveActed } from '../error-kinds.ts';
import { checkStatus, decoded, type MilvusClient, MilvusError } from '../milvus-client.ts';
import { maxAnswerBytes } from '../operations/operation.ts';
import type { MilvusOptions } from '../options.ts';

const PROGRESS_EVERY_ROWS = 100_000;
/** Products of rows with queries in one go: about 10 ms. In between, others may use the process. */
const PRODUCTS_AT_A_TIME = 10_000_000;

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
  const compared = Math.max(1, Math.floor(PRODUCTS_AT_A_TIME / (truthSize(options).queries * dim)));
  const { partitions } = options.collection;
  const parts = (partitions.length === 0 ? [undefined] : partitions).map((partition) => {
    return { partition, ...rowsOfPartition(partitions, partition, rows) };
  });
  const since = performance.now();
  let next = 0;
  let loaded = 0;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const work = async (n: number) => {
    const buffer = new Float32Array(batch * dim);
    const own = client.beside(n + 1, either);
    try {
      while (next < rows && !either.aborted) {
        const first = next;
        const { partition, end = rows } = parts.find((part) => first < part.end) ?? {};
        const count = Math.min(batch, end - first);
        next += count;
        const ofPartition = partition === undefined ? [] : [partitionSet(partition)];
        const vectors = buffer.subarray(0, count * dim);
        await source.fill(first, vectors);
        for (let at = 0; truth !== undefined && at < count; at += compared) {
          const some = vectors.subarray(at * dim, Math.min(count, at + compared) * dim);
          truth.add(first + at, some, (row) => [...setsOf(fields, seed, row), ...ofPartition]);
          await sleep(0, undefined, { signal: either });
        }
        const frame = rowsFrame(name, fields, loadedRows(fields, seed, first, vectors), partition);
        await insertOnce(own, frame, maxAnswerBytes(count, [], fields), fields.primary.auto);
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
  const workers = Array.from({ length: parallel }, (_, n) => work(n).catch((error) => failed.abort(error)));
  await Promise.all(workers);
  signal.throwIfAborted();
  failed.signal.throwIfAborted();
  return (performance.now() - since) / 1000;
}

/**
 * Inserts a batch; where nobody knows whether it is stored, it is sent as an upsert, which does not double it.
 * @param most how many bytes an answer may have
 */
function insertOnce(client: MilvusClient, frame: Buffer, most: number, isAuto: boolean): Promise<void> {
  return client.retrying(async (failures) => {
    const method = failures === 0 || isAuto ? 'Insert' : 'Upsert';
    try {
      const bytes = await client.send(method, frame, most);
      checkStatus(method, decoded(method, () => decodeAnswer(MutationResultSchema, bytes)).status);
    } catch (error) {
      if (!isAuto || !(error instanceof MilvusError) || !mayHaveActed(error.kind)) throw error;
      const reason = `${error.message}. Some rows may be stored: keys that the server makes cannot be sent again`;
      throw new PluginError(reason, { cause: error });
    }
  });
}
