/**
 * The messages of proto/milvus against those of Milvus: `descriptors.json` has what the descriptors in pymilvus 2.3.7
 * (pymilvus/grpc_gen/{common,schema,milvus}_pb2.py) say of each field that is used, by its number: its name and its type.
 */
import { readFileSync } from 'node:fs';
import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import t from 'tap';
import * as messages from '../../../proto/gen/milvus/v1/milvus_pb.ts';

const THEIRS: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(new URL('./descriptors.json', import.meta.url), 'utf8'),
);

/** Messages that stand for several of Milvus. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  CollectionRequest: [
    'AlterCollectionRequest',
    'DescribeCollectionRequest',
    'DropCollectionRequest',
    'LoadCollectionRequest',
  ],
  IndexRequest: ['CreateIndexRequest', 'DescribeIndexRequest'],
  CompactionRequest: ['ManualCompactionRequest', 'GetCompactionStateRequest'],
  LoadingRequest: ['GetLoadStateRequest', 'GetLoadingProgressRequest'],
  StateResponse: ['GetLoadStateResponse', 'GetCompactionStateResponse', 'GetLoadingProgressResponse'],
  InsertRequest: ['InsertRequest', 'UpsertRequest'],
};
/** Fields that only one of them has, and that are sent to no other. */
const OF_ONE = ['CollectionRequest.properties', 'IndexRequest.extra_params'];
/** By other names, because one message stands for several. */
const RENAMED: Readonly<Record<string, readonly string[]>> = {
  'CompactionRequest.id': ['collectionid', 'compactionid'],
  'StateResponse.value': ['state', 'progress'],
};

const plain = (name: string) => name.replaceAll('_', '').toLowerCase();

function typeOf(field: DescField): string {
  if (field.fieldKind === 'map') return 'message[]';
  const scalar = 'scalar' in field && field.scalar !== undefined ? ScalarType[field.scalar].toLowerCase() : 'message';
  return `${scalar}${field.fieldKind === 'list' ? '[]' : ''}`;
}

for (const message of Object.values(messages)) {
  const { kind, name, fields } = message as DescMessage;
  if (kind !== 'message') continue;
  for (const theirName of SHARED[name] ?? [name]) {
    t.test(theirName, async (t) => {
      for (const [n, field] of fields.entries()) {
        const own = `${name}.${field.name}`;
        if (OF_ONE.includes(own) && theirName !== SHARED[name]?.[0]) continue;
        const [theirs = '', type] = THEIRS[theirName]?.[field.number]?.split(' ') ?? [];
        const names = RENAMED[own] ?? [plain(field.name)];
        t.ok(names.includes(plain(theirs)), `${n + 1}. field: ${own} is ${theirs}`);
        // An enum is a number on the wire, and so is a state.
        const isNumber = type === 'enum' && /^(int32|int64)$/.test(typeOf(field));
        t.ok(isNumber || type === typeOf(field), `${own} is ${type}`);
      }
    });
  }
}
