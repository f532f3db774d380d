import type { DescMessage, DescMethod, DescService, MessageInitShape } from '@bufbuild/protobuf';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type * as grpc from '@grpc/grpc-js';
import { LENGTH_DELIMITED, WireReader } from '../wire-reader.ts';

/** The largest message a client takes: results of long runs are large. */
export const CLIENT_MESSAGE_LIMIT_BYTES = 64 * 1024 * 1024;
/** The largest message a server takes: a window with 100,000 tallied keys has 4 MB. */
const SERVER_MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024;
/** A larger one is not even read to its end: its call is cut off, with RESOURCE_EXHAUSTED. */
export const SERVER_CUT_OFF_BYTES = 2 * SERVER_MESSAGE_LIMIT_BYTES;
/**
 * The most fields of a request, those of messages within it too: an empty one has two bytes, and takes a hundred once it is decoded.
 * The final totals of an agent in the largest plans have a tenth of it.
 */
const MAX_FIELDS = 200_000;
/** Calls that one connection may have open at once. */
export const MAX_STREAMS = 250;
/** Messages that a reader has not taken yet before its stream stops reading from the network. */
export const MAX_WAITING_MESSAGES = 1000;
/** The same by size: whoever writes what it reads to a disk may be slower than its peer. */
export const MAX_WAITING_BYTES = 2 * SERVER_MESSAGE_LIMIT_BYTES;
/** How large requests were when they came. */
export const requestBytes = new WeakMap<object, number>();

/**
 * How grpc-js is to carry a method of protobuf-es. Servers hand it responses as bytes, see {@link encoder}: of one that cannot
 * be encoded the library would end the call.
 */
export function methodDefinition(service: DescService, method: DescMethod): grpc.MethodDefinition<object, object> {
  return {
    path: `/${service.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: encoder(method.input),
    requestDeserialize: (bytes) => requestOf(method, bytes),
    responseSerialize: (bytes) => bytes as Buffer,
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
}

/**
 * Stands for a request that cannot be read. Were the library told of it, it would end the call by itself, and nobody
 * could say why.
 */
export class UnreadableRequest {
  readonly sentence: string;

  constructor(sentence: string) {
    this.sentence = sentence;
  }
}

function requestOf(method: DescMethod, bytes: Uint8Array): object {
  const mb = (count: number) => `${Math.ceil(count / 1024 / 1024)} MB`;
  if (bytes.length > SERVER_MESSAGE_LIMIT_BYTES) {
    const limit = mb(SERVER_MESSAGE_LIMIT_BYTES);
    return new UnreadableRequest(`a message of ${mb(bytes.length)}, where at most ${limit} are taken`);
  }
  try {
    // No shorter message has so many.
    if (bytes.length > 2 * MAX_FIELDS && countFields(method.input, new WireReader(bytes), 0) > MAX_FIELDS) {
      return new UnreadableRequest(`a message with more than ${MAX_FIELDS} fields`);
    }
    const request = fromBinary(method.input, bytes, { readUnknownFields: false });
    requestBytes.set(request, bytes.length);
    return request;
  } catch {
    return new UnreadableRequest(`${bytes.length} bytes that are no ${method.input.name}`);
  }
}

/** Stops once there are too many. @returns `before` and the fields from here on @throws {WireError} */
function countFields(schema: DescMessage, reader: WireReader, before: number): number {
  let count = before;
  while (!reader.isAtEnd && count <= MAX_FIELDS) {
    count++;
    const tag = reader.tag();
    const inner = schema.fields.find(({ number }) => number === tag >>> 3)?.message;
    if (inner === undefined || (tag & 7) !== LENGTH_DELIMITED) reader.skip(tag);
    else {
      const end = reader.enter();
      count = countFields(inner, reader, count);
      reader.leave(end);
    }
  }
  return count;
}

/** @throws when a field does not hold its value */
export function encoder(schema: DescMessage) {
  return (message: object): Buffer => {
    const bytes = toBinary(schema, create(schema, message as MessageInitShape<DescMessage>));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}
