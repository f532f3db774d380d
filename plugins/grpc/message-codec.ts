import {
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type Registry,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { compileTemplate, type FindColumn, type Template, type TemplateScope, type Text } from '../data/template.ts';
import { messageFrame } from './message-frame.ts';
import type { MessageTemplate } from './message-template.ts';

const inJson = (value: string) => JSON.stringify(value).slice(1, -1);

/** A message that an operation sends, as far as it can be made before there are values for its placeholders. */
export interface PreparedMessage {
  readonly type: DescMessage;
  readonly registry: Registry;
  /** The fields that are always the same, encoded. */
  readonly fixed: Uint8Array;
  /** Template of the JSON of the other fields; undefined when there are none. */
  readonly varying: Template | undefined;
}

/** @throws for a message that cannot be encoded, such as one that lacks a required field */
export function preparedMessage(
  type: DescMessage,
  { fixed, varying }: MessageTemplate,
  registry: Registry,
): PreparedMessage {
  const bytes = fixed === undefined ? new Uint8Array() : encoded(type, fixed, registry);
  return { type, registry, fixed: bytes, varying };
}

/** Makes the messages that one operation sends. */
export class MessageEncoder {
  readonly #message: PreparedMessage;
  /** Undefined for a message that is always the same. */
  readonly #varying: Exclude<Text, string> | undefined;
  readonly #frame: Buffer;

  /** @throws what `findColumn` throws */
  constructor(message: PreparedMessage, findColumn: FindColumn) {
    this.#message = message;
    const { fixed, varying } = message;
    const text = varying && compileTemplate(varying, inJson, findColumn);
    this.#varying = typeof text === 'function' ? text : undefined;
    this.#frame = typeof text === 'string' ? this.#frameOf(text) : messageFrame(fixed);
  }

  /** @throws when values of placeholders are not what their fields can hold */
  frame(scope: TemplateScope): Buffer {
    return this.#varying === undefined ? this.#frame : this.#frameOf(this.#varying(scope));
  }

  /** @param varying JSON of the fields that are not fixed, with one character for each byte */
  #frameOf(varying: string): Buffer {
    const { type, fixed, registry } = this.#message;
    const json = JSON.parse(Buffer.from(varying, 'latin1').toString('utf8')) as JsonValue;
    // The fields of a message may stand in any order, and one after the other they are one message.
    return messageFrame(fixed, encoded(type, json, registry));
  }
}

function encoded(type: DescMessage, json: JsonValue, registry: Registry): Uint8Array {
  return toBinary(type, fromJson(type, json, { registry }));
}

/**
 * A message as JSON, with all of its fields, so that a check can tell a 0 from a field that does not exist.
 * @throws when the bytes are not such a message
 */
export function jsonText(type: DescMessage, bytes: Uint8Array, registry: Registry): string {
  return JSON.stringify(toJson(type, fromBinary(type, bytes), { registry, alwaysEmitImplicit: true }));
}
