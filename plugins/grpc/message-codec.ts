import {
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type Registry,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { compileTemplate, type FindColumn, type TemplateScope, type Text } from '../data/template.ts';
import { messageFrame } from './message-frame.ts';
import type { MessageTemplate } from './message-template.ts';

const inJson = (value: string) => JSON.stringify(value).slice(1, -1);

/** Makes the messages that one operation sends. What is always the same in them is encoded once. */
export class MessageEncoder {
  readonly #type: DescMessage;
  readonly #registry: Registry;
  readonly #fixed: Uint8Array;
  readonly #frame: Buffer | undefined;
  readonly #varying: Text | undefined;

  /** @throws what `findColumn` throws, and an error for a message that cannot be encoded, such as one that lacks a required field */
  constructor(type: DescMessage, { fixed, varying }: MessageTemplate, registry: Registry, findColumn: FindColumn) {
    this.#type = type;
    this.#registry = registry;
    this.#fixed = fixed === undefined ? new Uint8Array() : this.#encoded(fixed);
    this.#varying = varying && compileTemplate(varying, inJson, findColumn);
    if (this.#varying === undefined) this.#frame = messageFrame(this.#fixed);
  }

  /** @throws when values of placeholders are not what their fields can hold */
  frame(scope: TemplateScope): Buffer {
    if (this.#frame !== undefined) return this.#frame;
    const bytes = typeof this.#varying === 'function' ? this.#varying(scope) : (this.#varying as string);
    const json = JSON.parse(Buffer.from(bytes, 'latin1').toString('utf8')) as JsonValue;
    // The fields of a message may stand in any order, and one after the other they are one message.
    return messageFrame(this.#fixed, this.#encoded(json));
  }

  #encoded(json: JsonValue): Uint8Array {
    return toBinary(this.#type, fromJson(this.#type, json, { registry: this.#registry }));
  }
}

/**
 * A message as JSON, with all of its fields, so that a check can tell a 0 from a field that does not exist.
 * @throws when the bytes are not such a message
 */
export function jsonText(type: DescMessage, bytes: Uint8Array, registry: Registry): string {
  return JSON.stringify(toJson(type, fromBinary(type, bytes), { registry, alwaysEmitImplicit: true }));
}
