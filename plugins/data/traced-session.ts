import type { Session } from '../../core/plugin.ts';
import type { TemplateScope } from './template.ts';

/** Whether templates among these options may begin traces. */
export function beginsTraces(options: unknown): boolean {
  return JSON.stringify(options).includes('traceparent');
}

/** The session itself, whose outcomes from now on have the id of the trace that their templates have begun. */
export function withTraces<Traced extends Session & TemplateScope>(session: Traced): Traced {
  const send = session.send.bind(session);
  session.send = async (operation, signal) => {
    session.traceId = undefined;
    const sent = send(operation, signal);
    const { traceId } = session;
    const outcome = await sent;
    return traceId === undefined ? outcome : { ...outcome, traceId };
  };
  return session;
}
