import type { PrepareStatementInfo } from 'mysql2';
import type { SqlValue } from './statement.ts';

/** Called once, with what mysql2 reported of a failure; not at all once the connection was destroyed. */
export type StatementCallback = (error: Error | null, rows?: unknown) => void;

/** What mysql2's own commands use of its connection (`lib/base/connection.js`). */
interface CommandConnection {
  readonly clientEncoding: string;
  /** Sequence number of the next packet, in either direction. */
  sequenceId: number;
  addCommand(command: object): void;
  write(bytes: Buffer): void;
}

/** mysql2's packet (`lib/packets/packet.js`), read up to the begin of its payload. */
interface Packet {
  readonly buffer: Buffer;
  readonly offset: number;
  asError(encoding: string): Error;
}

// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html
const COM_STMT_EXECUTE = 0x17;
const TYPE_DOUBLE = 0x05;
const TYPE_NULL = 0x06;
const TYPE_VAR_STRING = 0xfd;
const INTEGER_TYPES: readonly number[] = [0x01, 0x02, 0x03, 0x08, 0x09];
const OK = 0x00;
const ERROR = 0xff;
const HEADER_BYTES = 4;
/** Length of command, statement id, flags and iteration count. */
const FIXED_BYTES = 10;
const ONE_BYTE_LENGTH_MAX = 250;
const TWO_BYTE_LENGTH = 0xfc;
const TWO_BYTE_LENGTH_MAX = 0xffff;

/** Leaves out what may answer with rows: CALL, and `RETURNING`, whose columns MariaDB does not announce. */
const WRITES = /^\s*(insert|update|delete|replace)\b(?!.*\breturning\b)/is;

/**
 * A prepared statement that answers with no rows, as a command of mysql2's connection. mysql2's own command is an event
 * emitter with a copy of all options, which makes an insert cost a sixth more CPU time; this one is reused for each
 * execution. Executions never overlap, since all of them write their packet into the same buffer.
 */
export class PreparedWrite {
  readonly #connection: CommandConnection;
  readonly #id: number;
  readonly #parameters: number;
  #packet = Buffer.alloc(0);
  #done: StatementCallback | undefined;

  /** @returns undefined for a statement that mysql2's own command has to execute */
  static of(connection: object, sql: string, prepared: PrepareStatementInfo): PreparedWrite | undefined {
    const { id, columns, parameters } = prepared as unknown as {
      readonly id: number;
      readonly columns: readonly unknown[];
      readonly parameters: readonly { readonly columnType: number }[];
    };
    // MySQL announces the types of its parameters, and refuses a double in place of some integers.
    const hasIntegers = parameters.some(({ columnType }) => INTEGER_TYPES.includes(columnType));
    if (columns.length > 0 || hasIntegers || !WRITES.test(sql)) return undefined;
    return new PreparedWrite(connection as CommandConnection, id, parameters.length);
  }

  private constructor(connection: CommandConnection, id: number, parameters: number) {
    this.#connection = connection;
    this.#id = id;
    this.#parameters = parameters;
  }

  /** @returns false when it cannot send these values */
  run(values: readonly SqlValue[], done: StatementCallback): boolean {
    if (values.length !== this.#parameters || !this.#encode(values)) return false;
    this.#done = done;
    this.#connection.addCommand(this);
    return true;
  }

  /** Called by mysql2: without a packet to begin, then with the answer. @returns whether the command is complete */
  execute(packet: Packet | undefined): boolean {
    if (packet === undefined) {
      this.#connection.sequenceId = 1;
      this.#connection.write(this.#packet);
      return false;
    }
    const first = packet.buffer[packet.offset];
    if (first === OK) this.onResult(null);
    else if (first === ERROR) this.onResult(packet.asError(this.#connection.clientEncoding));
    else throw new Error('the server answered a write with rows');
    return true;
  }

  /** Called by mysql2 when the connection is lost. */
  onResult(error: Error | null): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(error);
  }

  #encode(values: readonly SqlValue[]): boolean {
    const nullBytes = (values.length + 7) >> 3;
    let length = HEADER_BYTES + FIXED_BYTES;
    if (values.length > 0) length += nullBytes + 1 + 2 * values.length;
    for (const value of values) {
      if (typeof value === 'string') {
        const bytes = Buffer.byteLength(value);
        if (bytes > TWO_BYTE_LENGTH_MAX) return false;
        length += bytes + (bytes > ONE_BYTE_LENGTH_MAX ? 3 : 1);
      } else if (typeof value === 'number') length += 8;
      else if (value !== null) return false;
    }
    if (this.#packet.length !== length) this.#begin(length);
    const packet = this.#packet;
    let type = HEADER_BYTES + FIXED_BYTES + nullBytes + 1;
    let at = type + 2 * values.length;
    packet.fill(0, HEADER_BYTES + FIXED_BYTES, HEADER_BYTES + FIXED_BYTES + nullBytes);
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === 'string') {
        packet[type] = TYPE_VAR_STRING;
        at = writeText(packet, value, at);
      } else if (typeof value === 'number') {
        packet[type] = TYPE_DOUBLE;
        at = packet.writeDoubleLE(value, at);
      } else {
        packet[type] = TYPE_NULL;
        const nulls = HEADER_BYTES + FIXED_BYTES + (i >> 3);
        packet[nulls] = (packet[nulls] ?? 0) | (1 << (i & 7));
      }
      type += 2;
    }
    return true;
  }

  /** Makes the packet with everything that is the same in each execution of this length. */
  #begin(length: number): void {
    const packet = Buffer.alloc(length);
    packet.writeUIntLE(length - HEADER_BYTES, 0, 3);
    packet[HEADER_BYTES] = COM_STMT_EXECUTE;
    packet.writeUInt32LE(this.#id, HEADER_BYTES + 1);
    packet.writeUInt32LE(1, HEADER_BYTES + 6);
    // Types are bound with each execution.
    if (this.#parameters > 0) packet[HEADER_BYTES + FIXED_BYTES + ((this.#parameters + 7) >> 3)] = 1;
    this.#packet = packet;
  }
}

/** @returns where the next value begins */
function writeText(packet: Buffer, text: string, at: number): number {
  const isShort = text.length <= ONE_BYTE_LENGTH_MAX && Buffer.byteLength(text) <= ONE_BYTE_LENGTH_MAX;
  const from = at + (isShort ? 1 : 3);
  const bytes = packet.write(text, from);
  if (isShort) {
    packet[at] = bytes;
  } else {
    packet[at] = TWO_BYTE_LENGTH;
    packet.writeUInt16LE(bytes, at + 1);
  }
  return from + bytes;
}
