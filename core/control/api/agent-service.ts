import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SessionRequest, SessionResponseSchema } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { RpcError, type ServerStream } from '../../../proto/rpc/adapter.ts';
import type { Clock } from '../../clock.ts';
import type { AgentConnection, AgentStream } from '../agents/agent-connection.ts';
import type { AgentRegistry } from '../agents/agent-registry.ts';
import { JOIN_LIMIT_US } from '../limits.ts';
import type { CallerLog } from '../security/caller-log.ts';
import type { MetricsSink } from '../telemetry/metrics-sink.ts';

export type SessionStream = ServerStream<SessionRequest, MessageInitShape<typeof SessionResponseSchema>>;

export interface SessionContext {
  readonly registry: AgentRegistry;
  readonly clock: Clock;
  /** Takes log lines about callers that are not known yet. */
  readonly callers: CallerLog;
  readonly metrics?: MetricsSink | undefined;
}

/** Serves one stream of an agent, from its Join to its end. Settles when the stream should be closed. */
export async function serveAgent(
  session: SessionStream,
  { registry, clock, callers, metrics }: SessionContext,
): Promise<void> {
  const stream: AgentStream = {
    peer: session.peer,
    certificate: session.certificate,
    send: (message) => session.send({ message }),
    close: () => session.close(),
  };
  const refuse = (reason: string) => {
    callers.line(session.peer, `an agent from ${session.peer} is refused: ${reason}`);
    metrics?.joinFailed();
    stream.send({ case: 'refused', value: { reason } });
    stream.close();
  };
  let connection: AgentConnection | undefined;
  const cancelLimit = clock.after(JOIN_LIMIT_US, () => refuse('it did not send Join in time'));
  try {
    for await (const request of session.messages) {
      if (connection?.isOn(stream)) {
        connection.receive(request);
        continue;
      }
      // This stream was replaced or refused: nothing more on it counts.
      if (connection !== undefined) break;
      cancelLimit();
      if (request.message.case !== 'join') return refuse('the first message of a session must be Join');
      const joined = registry.join(request.message.value, stream);
      if (typeof joined === 'string') return refuse(joined);
      connection = joined;
    }
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    if (error.code === 'RESOURCE_EXHAUSTED') {
      const who = connection === undefined ? `an agent from ${session.peer}` : `agent ${connection.name}`;
      callers.line(session.peer, `${who} is disconnected: ${error.message}`);
    }
    // An agent that sends what cannot be read is not to be trusted any further.
    else if (connection?.isOn(stream)) connection.refuse(error.message);
    else refuse(error.message);
  } finally {
    cancelLimit();
    if (connection) registry.disconnected(connection, stream);
  }
}
