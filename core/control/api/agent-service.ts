import type { MessageInitShape } from '@bufbuild/protobuf';
import { RpcError, type ServerStream } from '../../../proto/adapter.ts';
import type { SessionRequest, SessionResponseSchema } from '../../../proto/gen/bench/v1/agent_pb.ts';
import type { Clock } from '../../clock.ts';
import type { AgentConnection, AgentLink } from '../agents/agent-connection.ts';
import type { Roster } from '../agents/agent-registry.ts';
import { JOIN_LIMIT_US } from '../limits.ts';
import type { CallerLog } from '../security/caller-log.ts';
import type { Meter } from '../telemetry/metrics-sink.ts';

export type AgentStream = ServerStream<SessionRequest, MessageInitShape<typeof SessionResponseSchema>>;

export interface SessionSurroundings {
  readonly roster: Roster;
  readonly time: Clock;
  /** For lines about agents that are not known. */
  readonly callers: CallerLog;
  readonly meter?: Meter | undefined;
}

/** One stream of an agent, from its Join to its end. Settles when the stream is to be closed. */
export async function serveAgent(
  stream: AgentStream,
  { roster, time, callers, meter }: SessionSurroundings,
): Promise<void> {
  const connection: AgentConnection = {
    peer: stream.peer,
    certificate: stream.certificate,
    send: (message) => stream.send({ message }),
    close: () => stream.close(),
  };
  const refuse = (reason: string) => {
    callers.line(stream.peer, `an agent from ${stream.peer} is refused: ${reason}`);
    meter?.joinFailed();
    connection.send({ case: 'refused', value: { reason } });
    connection.close();
  };
  let link: AgentLink | undefined;
  const cancelLimit = time.after(JOIN_LIMIT_US, () => refuse('it did not say who it is'));
  try {
    for await (const request of stream.messages) {
      if (link?.isOn(connection)) {
        link.receive(request);
        continue;
      }
      // Of a stream that was replaced or refused, the rest is of no interest.
      if (link !== undefined) break;
      cancelLimit();
      if (request.message.case !== 'join') return refuse('the first message of a session must be Join');
      const joined = roster.join(request.message.value, connection);
      if (typeof joined === 'string') return refuse(joined);
      link = joined;
    }
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    // What cannot be read as a message: of this agent nothing more can be believed.
    if (link?.isOn(connection)) link.refuse(error.message);
    else refuse(error.message);
  } finally {
    cancelLimit();
    if (link) roster.disconnected(link, connection);
  }
}
