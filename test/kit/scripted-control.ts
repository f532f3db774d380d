import type { MessageInitShape } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import type { PlanInput } from '../../core/plan/schema.ts';
import { AgentService, type SessionRequest, type SessionResponseSchema } from '../../proto/gen/bench/v1/agent_pb.ts';
import { addService, SERVER_OPTIONS, type ServerStream } from '../../proto/rpc/adapter.ts';

import { noContent } from './no-contents.ts';

type Reply = Extract<MessageInitShape<typeof SessionResponseSchema>['message'], { case: string }>;
type Request = Extract<SessionRequest['message'], { case: string }>;
export type RequestOf<Case extends Request['case']> = Extract<Request, { case: Case }>['value'];

/** A control over real gRPC that does only what a test tells it. */
export class ScriptedControl {
  readonly #server = new grpc.Server(SERVER_OPTIONS);
  readonly received: Request[] = [];
  #waiting: (() => void)[] = [];
  #stream: ServerStream<SessionRequest, MessageInitShape<typeof SessionResponseSchema>> | undefined;
  #hangUp = Promise.withResolvers<void>();
  /** Sessions that agents have opened so far. */
  sessions = 0;

  /** @param port 0: a free one */
  async listen(port = 0): Promise<number> {
    addService(this.#server, AgentService, {
      session: async (stream) => {
        this.sessions++;
        this.#stream = stream;
        this.#hangUp = Promise.withResolvers();
        const reading = this.#read(stream.messages);
        await Promise.race([reading, this.#hangUp.promise]);
      },
      getContent: noContent,
    });
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
  }

  send(message: Reply): void {
    this.#stream?.send({ message });
  }

  assign(runId: string, plan: PlanInput, attempt = 'attempt-1'): void {
    const json = JSON.stringify(plan);
    this.send({
      case: 'assignment',
      value: { runId, attempt, plan: { json, baseDirectory: '' }, share: { of: 1, slots: [0] } },
    });
  }

  /** Ends the session; the agent will open another. */
  hangUp(): void {
    this.#hangUp.resolve();
  }

  close(): void {
    this.#server.forceShutdown();
  }

  /** The n-th message of this kind (from 1), when it has come. */
  async next<Case extends Request['case']>(kind: Case, n = 1): Promise<RequestOf<Case>> {
    for (;;) {
      const found = this.of(kind)[n - 1];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  of<Case extends Request['case']>(kind: Case): RequestOf<Case>[] {
    return this.received.filter((message) => message.case === kind).map(({ value }) => value as RequestOf<Case>);
  }

  async #read(messages: AsyncIterable<SessionRequest>): Promise<void> {
    for await (const { message } of messages) {
      if (message.case === undefined) continue;
      this.received.push(message);
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }
}
