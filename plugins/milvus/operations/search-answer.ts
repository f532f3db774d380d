import { WireType } from '@bufbuild/protobuf/wire';
import { AnswerReader } from '../answer-reader.ts';

/** Where the parts of SearchResults and of what it has are (https://github.com/milvus-io/milvus-proto/blob/v2.3.5/proto). */
const [STATUS, RESULTS] = [1, 2];
const [ERROR_CODE, REASON, CODE] = [1, 2, 3];
const [IDS, TOPKS] = [5, 6];
/** IDs.int_id and LongArray.data. */
const [INT_IDS, DATA] = [1, 1];

/** What counts of an answer: that of a search, and the status of any other. */
export interface MilvusAnswer {
  errorCode: number;
  code: number;
  reason: string;
  /** Primary keys of all hits; empty unless they are wanted. */
  ids: number[];
  /** How many of them are of each vector that was searched for. */
  hits: number[];
}

/** Reads an answer, without what nobody wants of it. @throws an Error for bytes that are none */
export function readAnswer(bytes: Uint8Array, wantsIds: boolean): MilvusAnswer {
  const answer: MilvusAnswer = { errorCode: 0, code: 0, reason: '', ids: [], hits: [] };
  const reader = new AnswerReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === STATUS && type === WireType.LengthDelimited) readStatus(reader.bytes(), answer);
    else if (field === RESULTS && wantsIds && type === WireType.LengthDelimited) readResults(reader.bytes(), answer);
    else reader.skip(type, field);
  }
  return answer;
}

function readStatus(bytes: Uint8Array, answer: MilvusAnswer): void {
  const reader = new AnswerReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === ERROR_CODE) answer.errorCode = reader.int32();
    else if (field === CODE) answer.code = reader.int32();
    else if (field === REASON) answer.reason = reader.string();
    else reader.skip(type, field);
  }
}

function readResults(bytes: Uint8Array, answer: MilvusAnswer): void {
  const reader = new AnswerReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === IDS) answer.ids = numbersIn(within(within(reader.bytes(), INT_IDS), DATA));
    else if (field === TOPKS && type === WireType.LengthDelimited) answer.hits = numbersIn(reader.bytes());
    else reader.skip(type, field);
  }
}

/** The bytes of the last field with this number. */
function within(bytes: Uint8Array, wanted: number): Uint8Array {
  const reader = new AnswerReader(bytes);
  let found = new Uint8Array();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === wanted && type === WireType.LengthDelimited) found = new Uint8Array(reader.bytes());
    else reader.skip(type, field);
  }
  return found;
}

/** Varints one after the other, as numbers: those of a run are below 2^53. */
function numbersIn(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0;
    scale = 1;
  }
  return numbers;
}
