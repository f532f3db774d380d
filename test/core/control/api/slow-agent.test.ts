/** An agent that sends and sends, and reads nothing: it is disconnected with a line in the log, and control's memory stays. */
import { constants } from 'node:http2';
import { create } from '@bufbuild/protobuf';
import t from 'tap';
import { PROTOCOL_VERSION } from '../../../../core/version.ts';
import { AgentService, SessionRequestSchema } from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { LOCAL_ACCESS } from '../../../kit/local-access.ts';
import { stalledCall } from '../../../kit/stalled-call.ts';
import { servedControl } from '../scene/served-control.ts';

t.test('control disconnects an agent that reads nothing', async (t) => {
  const control = await servedControl(t);
  const method = `${AgentService.typeName}/Session`;
  const call = await stalledCall(t, control.port, method, SessionRequestSchema, LOCAL_ACCESS.token);
  const join = { name: 'deaf', epoch: 'e', protocolVersion: PROTOCOL_VERSION, version: '0.1.0' };
  call.send(create(SessionRequestSchema, { message: { case: 'join', value: join } }));
  let isClosed = false;
  void call.closed.then(() => {
    isClosed = true;
  });
  // Control answers each of these, since it has no such run.
  const done = create(SessionRequestSchema, { message: { case: 'done', value: { runId: 'x'.repeat(2000) } } });
  let sent = 0;
  for (; !isClosed && sent < 100_000; sent++) {
    call.send(done);
    if (call.stream.writableNeedDrain) {
      await Promise.race([call.closed, new Promise((resolve) => call.stream.once('drain', resolve))]);
    }
  }
  t.ok(isClosed, `after ${sent} messages`);
  t.equal(await call.closed, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  const lines = control.log.filter((line) => /deaf is disconnected/.test(line));
  t.same(lines, ['agent deaf is disconnected: it does not read what it is sent, and more than 4 MB wait for it']);
});
