import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { InsertRequestSchema } from '../../../proto/gen/milvus/v1/milvus_pb.ts';
import { messageFrame } from '../../grpc/message-frame.ts';
import type { Fields } from '../collection-options.ts';

/** https://github.com/milvus-io/milvus-proto/blob/v2.3.5/proto/schema.proto, DataType */
export const DATA_TYPE = { int64: 5, varchar: 21, floatVector: 101 } as const;

/** The rows of one insert, column by column. */
export interface Rows {
  /** Not sent where the server makes the keys. */
  readonly ids: readonly number[];
  /** Whole vectors, one after the other. */
  readonly vectors: Float32Array;
  /** For each field with values, in their order, those of the rows. */
  readonly scalars: readonly (readonly (string | number)[])[];
}

/** The request of an insert or upsert, whose vectors are copied as they are. @param partitionName undefined: that of the server */
export function rowsFrame(
  collectionName: string,
  { primary, vector, scalars }: Fields,
  rows: Rows,
  partitionName = '',
): Buffer {
  const keys = primary.auto ? [] : [scalarColumn(primary.name, 'int64', rows.ids)];
  const head = create(InsertRequestSchema, {
    collectionName,
    partitionName,
    numRows: rows.vectors.length / vector.dim,
    fieldsData: [...keys, ...scalars.map(({ name, type }, n) => scalarColumn(name, type, rows.scalars[n] ?? []))],
  });
  const bytes = new Uint8Array(rows.vectors.buffer, rows.vectors.byteOffset, rows.vectors.byteLength);
  return messageFrame(toBinary(InsertRequestSchema, head), vectorColumnHead(vector, bytes.length), bytes);
}

function scalarColumn(fieldName: string, type: 'int64' | 'varchar', values: readonly (string | number)[]) {
  const data =
    type === 'int64'
      ? { case: 'longData' as const, value: { data: values.map((value) => BigInt(value)) } }
      : { case: 'stringData' as const, value: { data: values.map(String) } };
  return { fieldName, type: DATA_TYPE[type], scalars: { data } };
}

/** What stands before the values of a column of vectors: InsertRequest.fields_data, VectorField.float_vector, FloatArray.data. */
function vectorColumnHead({ name, dim }: Fields['vector'], bytes: number): Uint8Array {
  const array = lengthHead(1, bytes);
  const field = joined(
    new BinaryWriter().tag(1, WireType.Varint).int64(dim).finish(),
    lengthHead(2, array.length + bytes),
    array,
  );
  const column = joined(
    new BinaryWriter()
      .tag(1, WireType.Varint)
      .int32(DATA_TYPE.floatVector)
      .tag(2, WireType.LengthDelimited)
      .string(name)
      .finish(),
    lengthHead(4, field.length + bytes),
    field,
  );
  return joined(lengthHead(5, column.length + bytes), column);
}

/** The tag and the length of a field whose bytes follow. */
export function lengthHead(field: number, bytes: number): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(bytes).finish();
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
