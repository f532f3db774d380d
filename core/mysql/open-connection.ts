import type { Socket } from 'node:net';
import { type Connection, type ConnectionOptions, createConnection, setMaxParserCache } from 'mysql2';
import type { Pool, Connection as PromiseConnection } from 'mysql2/promise';
import { BenchError } from '../error.ts';
import { oneLine } from '../text/printable.ts';
import { LOGIN_REFUSED } from './login-problem.ts';

/** What the guard uses of mysql2's connection (`lib/base/connection.js`). */
interface GuardedConnection {
  /** Replaced where TLS begins. */
  readonly stream: Socket;
  packetParser: PacketParser;
  /** Called with each packet of the server, and without one to begin a command. */
  handlePacket(packet?: ServerPacket): void;
  /** Which the server is to answer. */
  readonly _command?: Command | null;
  /** Whether the login is over. */
  readonly authorized: boolean;
  /** Whether packets are kept for later; then they are handled again. */
  readonly _paused: boolean;
  /** The number of the next packet. */
  sequenceId: number;
  close(): void;
  /** Whether the connection was given up by us. */
  readonly _closing: boolean;
  /** Called for an answer that breaks the protocol. */
  protocolError(message: string, code?: string): void;
  on(event: 'error', listener: () => void): void;
}

/** Of `lib/packet_parser.js`: what has come of a packet that is not whole, and the parts of 16 MiB of a larger one. */
interface PacketParser {
  execute(chunk: Buffer): void;
  readonly bufferLength: number;
  readonly largePacketParts: readonly Uint8Array[];
}

/** Of a statement: how many columns its answer has, and how many of them have been described. */
interface Command {
  readonly _fieldCount?: number;
  readonly _receivedFieldsCount?: number;
  /** The method for the next packet, and the one for how an answer begins. */
  readonly next?: unknown;
  readonly resultsetHeader?: unknown;
  /** Of a statement that is being prepared. */
  readonly parameterDefinitions?: readonly object[];
  readonly fieldCount?: number;
}

interface ServerPacket {
  readonly sequenceId: number;
  readonly buffer: Buffer;
  /** Where its payload begins, and where it ends. */
  readonly offset: number;
  readonly end: number;
  isError(): boolean;
}

/** How much of one answer mysql2, which keeps all rows of it and all parts of a packet, may get. */
export interface AnswerLimits {
  readonly bytes: number;
  /** Rows times columns. A row without any counts as one of two. */
  readonly values: number;
}

/** What the answer to a statement of a plan, a monitor or a check of stored rows may have. */
export const ANSWER_LIMITS: AnswerLimits = { bytes: 64 << 20, values: 4_000_000 };
/** No table has more (https://dev.mysql.com/doc/refman/8.4/en/column-count-limit.html), and mysql2 makes code for each. */
const MAX_COLUMNS = 4096;
/** What the description of a column takes, in values. */
const COLUMN_VALUES = 16;
const MIN_ROW_VALUES = 2;
/** What mysql2 keeps of a result, in values, beside its rows: a procedure may answer with many. */
const RESULT_VALUES = 64;
/** How a server asks for a file (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_local_infile_request.html). */
const FILE_REQUEST = 0xfb;
/** What has come of packets that are not whole, on all connections of this process together. */
const MAX_PARTS_BYTES = 512 << 20;
let partsBytes = 0;
/** Mysql2 makes code for each form of row that a server answers with, and keeps it. */
setMaxParserCache(500);
/** A login takes some; each of them may have us sign something. */
const MAX_LOGIN_PACKETS = 64;

/** Code of the error of an answer that is larger than whoever connects wants to keep in memory. */
export const ANSWER_TOO_LARGE = 'answer_too_large';
/** Code of the error of a server that is connected, and says nothing for longer than whoever has asked wants to wait. */
export const SERVER_SILENT = 'server_silent';
/** Code of the error of a server that asks for a file of this host. */
export const FILE_REQUESTED = 'file_requested';

/**
 * Keeps a server that breaks the protocol from ending the process: mysql2 throws out of an event for an error packet that is
 * cut short and that no command waits for, and emits errors to which nobody listens. Such a connection is cut off like one
 * that was lost. A connection that is given up is closed whether or not the server closes it too. What mysql2 has to say of all
 * that on the console, nobody who runs bench can use: the error of the connection is told in our words.
 *
 * @param connection of mysql2, as it made it
 */
export function guardConnection(connection: object, limits = ANSWER_LIMITS): void {
  const guarded = connection as GuardedConnection;
  const { handlePacket, close } = guarded;
  const amount = limitAnswers(guarded, limits);
  guarded.handlePacket = (packet) => {
    if (packet === undefined) amount.begin();
    else if (!amount.take()) return;
    const { trace } = console;
    console.trace = () => {};
    try {
      if (packet !== undefined) {
        checkOrder(guarded, packet);
        refuseFile(guarded, packet);
      }
      handlePacket.call(guarded, packet);
    } catch (error) {
      guarded.stream.destroy(error as Error);
    } finally {
      console.trace = trace;
    }
  };
  // mysql2 only tells listeners of the connection, and forgets the statement with whoever waits for it.
  guarded.protocolError = (message, code = 'PROTOCOL_ERROR') => {
    if (!guarded._closing) throw Object.assign(new Error(message), { code });
  };
  guarded.close = () => {
    close.call(guarded);
    guarded.stream.destroySoon();
  };
  guarded.on('error', () => {});
}

/** Guards all connections of a pool from their making on: mysql2 tells of one only when it is logged in. */
export function guardPool(pool: Pool, limits?: AnswerLimits): void {
  const { _allConnections: connections } = pool.pool as unknown as { readonly _allConnections: MadeConnections };
  const { push } = connections;
  connections.push = (connection) => {
    guardConnection(connection, limits);
    return push.call(connections, connection);
  };
}

/** mysql2's list of a pool's connections (`lib/ring_queue.js`). */
interface MadeConnections {
  push(connection: object): number;
}

/** Takes nothing for an answer that is none to what was asked; mysql2 only complains. @throws {Error} */
function checkOrder(connection: GuardedConnection, packet: ServerPacket): void {
  const isExpected = !connection._command || connection._paused || packet.sequenceId === connection.sequenceId;
  if (isExpected) return;
  if (!packet.isError()) throw new Error('packets come out of order');
  // An error that the server tells by itself, such as its end, has a number of its own.
  connection.sequenceId = packet.sequenceId;
}

/** mysql2 sends none either, but forgets whoever waits for a prepared statement. @throws {BenchError} */
function refuseFile({ _command: command }: GuardedConnection, { buffer, offset, end }: ServerPacket): void {
  if (buffer[offset] !== FILE_REQUEST || !isResultHeader(command)) return;
  const file = oneLine(buffer.toString('utf8', offset + 1, end), 200);
  const message = `the server asks for the file "${file}" of this host (LOAD DATA LOCAL), and bench sends none`;
  throw new BenchError(FILE_REQUESTED, message);
}

/** Whether the next packet begins a result. */
function isResultHeader(command: Command | null | undefined): boolean {
  return command?.resultsetHeader !== undefined && command.next === command.resultsetHeader;
}

interface AnswerAmount {
  /** The next command begins. */
  begin(): void;
  /** Called before a packet is handled. @returns false once the answer is too large */
  take(): boolean;
}

/** Cuts the connection off when the answer to what is under way is larger. */
function limitAnswers(connection: GuardedConnection, limits: AnswerLimits): AnswerAmount {
  const { packetParser } = connection;
  let bytes = 0;
  let values = 0;
  let packets = 0;
  let isCut = false;
  const refuse = (error: BenchError) => {
    isCut = true;
    connection.stream.destroy(error);
  };
  const tooLarge = (what: string) => refuse(new BenchError(ANSWER_TOO_LARGE, `the answer has more than ${what}`));
  let parts = 0;
  const setParts = (length: number) => {
    partsBytes += length - parts;
    parts = length;
  };
  connection.stream.once('close', () => setParts(0));
  connection.packetParser = {
    get bufferLength() {
      return packetParser.bufferLength;
    },
    get largePacketParts() {
      return packetParser.largePacketParts;
    },
    execute(chunk) {
      bytes += chunk.length;
      if (bytes > limits.bytes && !isCut) tooLarge(`${limits.bytes >> 20} MiB`);
      // The rest of what has arrived comes here too once the connection is cut off.
      if (isCut) return;
      packetParser.execute(chunk);
      setParts(packetParser.largePacketParts.reduce((sum, part) => sum + part.length, packetParser.bufferLength));
      if (parts === 0 || partsBytes <= MAX_PARTS_BYTES) return;
      const message = `rows that have come in part have more than ${MAX_PARTS_BYTES >> 20} MiB, on all connections together`;
      refuse(new BenchError(ANSWER_TOO_LARGE, message));
    },
  };
  return {
    begin() {
      bytes = 0;
      values = 0;
    },
    take() {
      if (isCut) return false;
      const command = connection._command;
      const {
        _fieldCount = 0,
        _receivedFieldsCount: described = 0,
        parameterDefinitions,
        fieldCount = 0,
      } = command ?? {};
      const columns = parameterDefinitions === undefined ? _fieldCount : fieldCount;
      const isHeader = isResultHeader(command);
      const isDescription = parameterDefinitions !== undefined || described < columns;
      const rowValues = Math.max(MIN_ROW_VALUES, columns);
      values += isHeader ? RESULT_VALUES : isDescription ? COLUMN_VALUES : rowValues;
      packets += 1;
      if (columns > MAX_COLUMNS) tooLarge(`${MAX_COLUMNS} columns`);
      else if (values > limits.values) tooLarge(isHeader ? resultsOf(limits) : rowsOf(columns, limits));
      else if (packets > MAX_LOGIN_PACKETS && !connection.authorized) {
        refuse(new BenchError(LOGIN_REFUSED, 'it does not come to the end of the login'));
      }
      return !isCut;
    },
  };
}

function rowsOf(columns: number, { values }: AnswerLimits): string {
  const rows = Math.floor(values / Math.max(MIN_ROW_VALUES, columns)).toLocaleString('en');
  return columns < 2 ? `${rows} rows` : `${rows} rows of ${columns} columns`;
}

function resultsOf({ values }: AnswerLimits): string {
  return `${Math.floor(values / RESULT_VALUES).toLocaleString('en')} results`;
}

/** Connects; the result of that comes with `connect`, as mysql2 has it. */
export function createGuardedConnection(options: ConnectionOptions, limits?: AnswerLimits): Connection {
  const connection = createConnection(options);
  guardConnection(connection, limits);
  return connection;
}

/** Connects, and resolves once it is connected. @throws what mysql2 throws */
export async function openConnection(options: ConnectionOptions, limits?: AnswerLimits): Promise<PromiseConnection> {
  const connection = createGuardedConnection(options, limits);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  return connection.promise();
}

/** Ends the connection once nothing has come or gone on it for this long. What is under way fails with {@link SERVER_SILENT}. */
export function limitSilence(connection: PromiseConnection, limitMs: number): void {
  const { stream } = (connection as unknown as { readonly connection: GuardedConnection }).connection;
  const message = `the server has not answered for ${limitMs / 1000} s`;
  stream.setTimeout(limitMs, () => stream.destroy(new BenchError(SERVER_SILENT, message)));
}
