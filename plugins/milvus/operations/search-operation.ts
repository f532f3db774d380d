import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Ratio } from '../../../core/plugin.ts';
import { SearchRequestSchema } from '../../../proto/gen/milvus/v1/milvus_pb.ts';
import { PREFIX_BYTES, writePrefix } from '../../grpc/message-frame.ts';
import type { CollectionOptions, Fields } from '../collection-options.ts';
import { ALL_ROWS, partitionSet, type Queries, setName } from '../data/dataset.ts';
import type { GroundTruth } from '../data/ground-truth.ts';
import { DATA_TYPE, lengthHead } from '../data/row-encoder.ts';
import type { SearchOptions } from '../options.ts';
import { keyValues } from '../steps/collection.ts';
import { consistencyLevel, guarantee, guaranteeBytes } from './consistency.ts';
import { fieldAlone, fillFilter } from './filter.ts';
import { type MilvusOperation, type MilvusRequest, maxAnswerBytes, type OperationScope } from './operation.ts';
import type { MilvusAnswer } from './search-answer.ts';

const DSL = 5;
const PLACEHOLDER_GROUP = 6;
const GUARANTEE = 11;
/** DslType.BoolExprV1: https://github.com/milvus-io/milvus-proto/blob/v2.3.5/proto/common.proto */
const EXPRESSION = 1;
const NOTHING = Buffer.alloc(0);

/** What all searches of a driver share. */
export interface SearchContext {
  readonly collectionName: string;
  readonly collection: Pick<CollectionOptions, 'consistency' | 'index' | 'partitions'>;
  readonly fields: Fields;
  readonly rows: number;
  readonly queries: Queries;
  /** The nearest rows, where they are known. */
  readonly truth: GroundTruth | undefined;
}

/** Searches for some of the queries. What all calls have in common is encoded once; vectors are copied as bytes. */
export class SearchOperation implements MilvusOperation {
  readonly method = 'Search';
  readonly writes = undefined;
  readonly name: string;
  readonly limit: number;
  readonly maxAnswerBytes: number;
  readonly #options: SearchOptions;
  readonly #context: SearchContext;
  readonly #recall: Ratio | undefined;
  /** The field whose values decide in which set of rows is searched; undefined: all, or not known. */
  readonly #setField: string | undefined;
  readonly #truth: GroundTruth | undefined;
  readonly #head: Buffer;
  /** What stands before each vector. */
  readonly #vectorHead: Uint8Array;
  /** What stands before the first. */
  readonly #groupHead: Buffer;
  readonly #vectorBytes: number;
  readonly #allVectors: Buffer;

  /** @param recall of this operation, where anybody asks for it */
  constructor(name: string, options: SearchOptions, context: SearchContext, recall: Ratio | undefined) {
    const { fields, queries } = context;
    this.name = name;
    this.limit = options.limit;
    this.maxAnswerBytes = maxAnswerBytes(options.limit * options.vectors, options.output, fields);
    this.#options = options;
    this.#context = context;
    this.#recall = recall;
    this.#setField = options.filter === undefined ? undefined : fieldAlone(options.filter);
    this.#truth = this.#usableTruth();
    this.#head = Buffer.concat([Buffer.alloc(PREFIX_BYTES), this.#fixedPart()]);
    this.#vectorBytes = fields.vector.dim * 4;
    this.#vectorHead = lengthHead(3, this.#vectorBytes);
    const values = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .string('$0')
      .tag(2, WireType.Varint)
      .int32(DATA_TYPE.floatVector)
      .finish();
    const valueBytes = values.length + options.vectors * (this.#vectorHead.length + this.#vectorBytes);
    const valueHead = lengthHead(1, valueBytes);
    this.#groupHead = Buffer.concat([lengthHead(PLACEHOLDER_GROUP, valueHead.length + valueBytes), valueHead, values]);
    const { buffer, byteOffset, byteLength } = queries.vectors;
    this.#allVectors = Buffer.from(buffer, byteOffset, byteLength);
  }

  request({ random, lastWrite }: OperationScope): MilvusRequest {
    const { vectors, filter } = this.#options;
    const { queries, fields, rows } = this.#context;
    const filled = filter === undefined ? undefined : fillFilter(filter, fields, rows, random);
    const expression = filled === undefined ? NOTHING : lengthPrefixed(DSL, filled.text);
    const written = lastWrite === 0n ? NOTHING : guaranteeBytes(GUARANTEE, lastWrite);
    const vectorsAt = this.#head.length + expression.length + written.length + this.#groupHead.length;
    const frame = Buffer.allocUnsafe(vectorsAt + vectors * (this.#vectorHead.length + this.#vectorBytes));
    let at = 0;
    for (const part of [this.#head, expression, written, this.#groupHead]) {
      frame.set(part, at);
      at += part.length;
    }
    const chosen: number[] = [];
    for (let n = 0; n < vectors; n++) {
      const query = random.integer(queries.count);
      chosen.push(query);
      frame.set(this.#vectorHead, at);
      at += this.#vectorHead.length;
      const from = query * this.#vectorBytes;
      at += this.#allVectors.copy(frame, at, from, from + this.#vectorBytes);
    }
    const [partition] = this.#options.partitions;
    const all = partition === undefined ? ALL_ROWS : partitionSet(partition);
    const set = this.#setField === undefined ? all : setName(this.#setField, filled?.picked ?? 0);
    return { frame: writePrefix(frame), filter: filled?.text ?? '', queries: chosen, set };
  }

  wantsIds = ({ queries }: MilvusRequest): boolean => {
    const truth = this.#truth;
    return truth !== undefined && queries.some((query) => query < truth.queries);
  };

  judged({ queries, set }: MilvusRequest, { ids, hits }: MilvusAnswer): void {
    const truth = this.#truth;
    const nearest = truth?.sets.get(set);
    if (truth === undefined || nearest === undefined) return;
    let at = 0;
    queries.forEach((query, n) => {
      const count = hits[n] ?? 0;
      if (query < truth.queries) {
        const wanted = nearest.subarray(query * truth.k, query * truth.k + this.limit).filter((id) => id >= 0);
        // Whoever answers with all rows would find the nearest ones among them.
        const found = new Set(ids.slice(at, at + Math.min(count, this.limit)));
        this.#recall?.add(
          wanted.reduce((sum, id) => sum + (found.has(id) ? 1 : 0), 0),
          wanted.length,
        );
      }
      at += count;
    });
  }

  #usableTruth(): GroundTruth | undefined {
    const { truth } = this.#context;
    if (truth === undefined) return undefined;
    if (this.limit > truth.k) {
      this.#recall?.void(
        `only the ${truth.k} nearest rows are known (groundTruth.k), and ${this.name} asks for ${this.limit}`,
      );
      return undefined;
    }
    const { partitions, filter } = this.#options;
    const [partition] = partitions;
    const isKnown = partitions.length < 2 && filter === undefined && truth.sets.has(partitionSet(partition ?? ''));
    if (partition !== undefined && !isKnown) {
      this.#recall?.void(
        `of partitions, the nearest rows are known of one without a filter, unless they are from a file, and ${this.name} searches ${partitions.join(', ')}`,
      );
      return undefined;
    }
    // Those that were found while rows were loaded are known for each value of a field, too.
    if (this.#setField !== undefined && truth.sets.size === 1) {
      this.#recall?.void(`groundTruth.file tells of all rows, and ${this.name} has a filter`);
      return undefined;
    }
    if (this.#options.filter !== undefined && this.#setField === undefined) {
      this.#recall?.void(
        `the nearest rows are known of filters such as category == '\${pick:category}', and ${this.name} has another`,
      );
      return undefined;
    }
    return truth;
  }

  #fixedPart(): Uint8Array {
    const { limit, params, vectors, output, partitions } = this.#options;
    const { collectionName, collection, fields } = this.#context;
    const { consistency, index } = collection;
    return toBinary(
      SearchRequestSchema,
      create(SearchRequestSchema, {
        collectionName,
        partitionNames: partitions,
        dslType: EXPRESSION,
        outputFields: output,
        searchParams: keyValues({
          anns_field: fields.vector.name,
          topk: `${limit}`,
          metric_type: index.metric,
          params: JSON.stringify(params),
          round_decimal: '-1',
        }),
        nq: BigInt(vectors),
        consistencyLevel: consistencyLevel(consistency),
        guaranteeTimestamp: guarantee(consistency, 0n),
      }),
    );
  }
}

function lengthPrefixed(field: number, text: string): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).string(text).finish();
}
