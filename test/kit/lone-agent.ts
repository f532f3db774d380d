import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Test } from 'tap';
import { type AgentExit, type AgentOptions, runAgent } from '../../agents/agent.ts';
import type { SessionRequestSchema, SessionResponse } from '../../proto/gen/bench/v1/agent_pb.ts';
import { SessionResponseSchema } from '../../proto/gen/bench/v1/agent_pb.ts';
import { MessageQueue } from '../../proto/rpc/message-queue.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { noContent } from './no-contents.ts';

type FromAgent = Extract<MessageInitShape<typeof SessionRequestSchema>['message'], { case: string }>;
type ToAgent = NonNullable<MessageInitShape<typeof SessionResponseSchema>['message']>;

export interface Session {
  readonly toAgent: MessageQueue<SessionResponse>;
  /** The agent's messages, in order. */
  readonly said: FromAgent[];
  /** Whether the connection is open; it may outlive the stream. */
  isOpen: boolean;
}

/** An agent on a fake clock and without a network; the test plays its control. */
export class LoneAgent {
  readonly clock = new FakeClock();
  readonly log: string[] = [];
  readonly sessions: Session[] = [];
  readonly leave = new AbortController();
  exit: Promise<AgentExit> = new Promise(() => {});

  static async join(t: Test, options: Pick<AgentOptions, 'loadDriver' | 'load'>): Promise<LoneAgent> {
    const lone = new LoneAgent();
    const agent = runAgent({
      ...options,
      control: 'control:7070',
      name: 'a',
      labels: {},
      drivers: [],
      clock: lone.clock,
      connect: () => lone.#connect(),
      log: (line) => lone.log.push(line),
      signal: lone.leave.signal,
    });
    lone.exit = agent;
    t.teardown(async () => {
      lone.leave.abort();
      await lone.clock.advance(20e6);
      await agent;
    });
    await lone.clock.advance(0);
    return lone;
  }

  /** Sends a message of control. */
  async say(message: ToAgent): Promise<void> {
    this.sessions.at(-1)?.toAgent.push(create(SessionResponseSchema, { message }));
    await this.clock.advance(0);
  }

  async welcome(): Promise<void> {
    await this.say({ case: 'welcome', value: { controlVersion: 'test' } });
  }

  /** Ends the stream; the agent then opens another. */
  async cut(): Promise<void> {
    this.sessions.at(-1)?.toAgent.end();
    await this.clock.advance(0);
  }

  #connect() {
    const session: Session = { toAgent: new MessageQueue(), said: [], isOpen: true };
    this.sessions.push(session);
    const { toAgent, said } = session;
    const stream = {
      messages: toAgent,
      send: ({ message }: MessageInitShape<typeof SessionRequestSchema>) => {
        if (message?.case !== undefined) said.push(message);
        return true;
      },
      end: () => toAgent.end(),
      cancel: () => toAgent.end(),
    };
    return {
      session: () => stream,
      getContent: noContent,
      close: () => {
        session.isOpen = false;
      },
    };
  }
}
