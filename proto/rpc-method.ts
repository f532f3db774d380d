import type { DescMessage, DescMethod, DescService, MessageInitShape } from '@bufbuild/protobuf';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type * as grpc from '@grpc/grpc-js';

/** The largest message a client takes: results of long runs are large. */
export const CLIENT_MESSAGE_LIMIT_BYTES = 64 * 1024 * 1024;
/** The largest message a server takes: a window with 100,000 tallied keys has 4 MB. */
export const SERVER_MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024;
/** Calls that one connection may have open at once. */
export const MOST_STREAMS = 250;
/** Messages that a reader has not taken yet before its stream stops reading from the network. */
export const MOST_WAITING_MESSAGES = 1000;

/** How grpc-js is to carry a method of protobuf-es. */
export function methodDefinition(service: DescService, method: DescMethod): grpc.MethodDefinition<object, object> {
  return {
    path: `/${service.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: encoder(method.input),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: encoder(method.output),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
}

function encoder(schema: DescMessage) {
  return (message: object): Buffer => {
    const bytes = toBinary(schema, create(schema, message as MessageInitShape<DescMessage>));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}
