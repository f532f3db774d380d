import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/**
 * No answer has more: what there may be many of, such as ids, is packed into one field. An answer of nothing but empty fields has
 * one for each two bytes, and each would become an object.
 */
const MAX_FIELDS = 10_000;

/** Reads the fields of an answer, up to a number that no Milvus sends. */
export class AnswerReader extends BinaryReader {
  #left = MAX_FIELDS;

  override tag(): [number, WireType] {
    if (this.#left-- === 0) throw new Error(`more than ${MAX_FIELDS} fields`);
    return super.tag();
  }
}

/** @throws {Error} for bytes that are none, and for more fields than an answer of Milvus has */
export function decodeAnswer<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  countFields(schema, bytes, MAX_FIELDS);
  return fromBinary(schema, bytes, { readUnknownFields: false });
}

/** @returns how many more there may be */
function countFields(schema: DescMessage, bytes: Uint8Array, most: number): number {
  let left = most;
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    if (left-- === 0) throw new Error(`more than ${MAX_FIELDS} fields`);
    const [number, type] = reader.tag();
    const field = schema.fields.find((one) => one.number === number);
    const isMessage = field?.fieldKind === 'message' || (field?.fieldKind === 'list' && field.listKind === 'message');
    if (isMessage && type === WireType.LengthDelimited) left = countFields(field.message, reader.bytes(), left);
    else reader.skip(type, number);
  }
  return left;
}
