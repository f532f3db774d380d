import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Clock } from '../../../../core/clock.ts';
import type { ControlCore } from '../../../../core/control/control-plane.ts';
import {
  type SessionRequest,
  SessionRequestSchema,
  type SessionResponse,
  SessionResponseSchema,
} from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { MessageQueue } from '../../../../proto/rpc/message-queue.ts';
import { noContent } from '../../../kit/no-contents.ts';

type ToControl = MessageInitShape<typeof SessionRequestSchema>;
type ToAgent = MessageInitShape<typeof SessionResponseSchema>;

export interface Faults {
  /** Uniform in [0, 1); decides over everything. */
  readonly random: () => number;
  /** Part of the messages that come twice. */
  readonly doubled: number;
  /** A message takes up to this long, and may overtake others. */
  readonly mostDelayUs: number;
}

/** What the protocol itself keeps in order: the first message of a session, and what belongs to one of several runs. */
const IN_ORDER: readonly (string | undefined)[] = ['join', 'leaving', 'welcome', 'refused', 'assignment', 'runEnded'];

interface OpenStream {
  cut(): void;
  isSilent: boolean;
}

/** Streams between agents and control without a network, on which messages are doubled, re-ordered, lost and cut off. */
export class FaultyNetwork {
  readonly #control: Pick<ControlCore, 'agents'>;
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #streams = new Set<OpenStream>();
  doubled = 0;
  overtaken = 0;
  streams = 0;

  constructor(control: Pick<ControlCore, 'agents'>, clock: Clock, faults: Faults) {
    this.#control = control;
    this.#clock = clock;
    this.#faults = faults;
  }

  /** All streams break; what is under way is lost. */
  cut(): void {
    for (const stream of this.#streams) stream.cut();
  }

  /** What is sent on the streams that are open goes nowhere, and no side is told. */
  silence(): void {
    for (const stream of this.#streams) stream.isSilent = true;
  }

  readonly connect = () => ({ session: () => this.#open(), getContent: noContent, close: () => {} });

  #open() {
    this.streams++;
    const toControl = new MessageQueue<SessionRequest>();
    const toAgent = new MessageQueue<SessionResponse>();
    const gone = new AbortController();
    const open: OpenStream = {
      isSilent: false,
      cut: () => {
        this.#streams.delete(open);
        gone.abort();
        toControl.end();
        toAgent.end();
      },
    };
    this.#streams.add(open);
    const there = this.#way(open, (message: ToControl) => toControl.push(create(SessionRequestSchema, message)));
    const back = this.#way(open, (message: ToAgent) => toAgent.push(create(SessionResponseSchema, message)));
    const serving = this.#control.agents.session({
      messages: toControl,
      send: (message) => back(message),
      close: () => toControl.end(),
      signal: gone.signal,
      peer: 'memory',
      certificate: '',
    });
    // Control's last messages arrive before the end of its stream.
    void serving.finally(() => this.#clock.after(this.#faults.mostDelayUs, () => open.cut()));
    return {
      messages: toAgent,
      send: (message: ToControl) => {
        there(message);
        return true;
      },
      end: () => toControl.end(),
      cancel: () => open.cut(),
    };
  }

  /** One direction of a stream. */
  #way<Message extends ToControl | ToAgent>(stream: OpenStream, deliver: (message: Message) => void) {
    const { random, doubled, mostDelayUs } = this.#faults;
    let inOrderUs = 0;
    let lastUs = 0;
    const send = (message: Message, dueUs: number) => {
      if (dueUs < lastUs) this.overtaken++;
      lastUs = Math.max(lastUs, dueUs);
      this.#clock.after(dueUs - this.#clock.nowUs(), () => {
        if (this.#streams.has(stream) && !stream.isSilent) deliver(message);
      });
    };
    return (message: Message) => {
      const nowUs = this.#clock.nowUs();
      if (IN_ORDER.includes(message.message?.case)) {
        inOrderUs = Math.max(inOrderUs, nowUs + 1);
        return send(message, inOrderUs);
      }
      const dueUs = () => Math.max(inOrderUs, nowUs + Math.floor(random() * mostDelayUs)) + 1;
      send(message, dueUs());
      if (random() >= doubled) return;
      this.doubled++;
      send(message, dueUs());
    };
  }
}
