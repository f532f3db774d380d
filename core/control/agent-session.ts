import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ServerStream } from '../../proto/adapter.ts';
import type { SessionRequest, SessionResponseSchema } from '../../proto/gen/bench/v1/agent_pb.ts';
import type { AgentConnection, AgentLink, LinkSurroundings } from './agent-link.ts';
import { JOIN_LIMIT_US } from './limits.ts';
import type { Roster } from './roster.ts';

export type AgentStream = ServerStream<SessionRequest, MessageInitShape<typeof SessionResponseSchema>>;

/** One stream of an agent, from its Join to its end. Settles when the stream is to be closed. */
export async function serveAgent(
  stream: AgentStream,
  roster: Roster,
  { time, log, meter }: LinkSurroundings,
): Promise<void> {
  const connection: AgentConnection = {
    peer: stream.peer,
    certificate: stream.certificate,
    send: (message) => stream.send({ message }),
    close: () => stream.close(),
  };
  const refuse = (reason: string) => {
    log(`an agent from ${stream.peer} is refused: ${reason}`, { level: 'warn' });
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
  } finally {
    cancelLimit();
    if (link) roster.disconnected(link, connection);
  }
}
