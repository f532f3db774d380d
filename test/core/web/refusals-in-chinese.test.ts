/** Every sentence by which the HTTP API refuses something is told in the language of whoever asks. */
import t from 'tap';
import { RUN_STATES } from '../../../core/control/run/run-state.ts';
import { spokenIn } from '../../../core/verdict/messages/spoken/spoken.ts';
import { untranslated, writtenIn } from '../../kit/untranslated.ts';
import { served, valid } from './web-stage.ts';

const ROOT = new URL('../../../', import.meta.url);
const FILES = [
  ...[
    'request-bodies',
    'page',
    'router',
    'gate/access',
    'gate/origin',
    'gate/token-access',
    'gate/web-sessions',
    'stream/open-streams',
  ],
  ...[
    'comparison',
    'ended-runs',
    'interim-runs',
    'run-changes',
    'run-details',
    'run-list',
    'timeline',
    'control-info',
  ].map((name) => `handlers/${name}`),
].map((name) => `core/web/${name}.ts`);
const OTHERS = [
  ...['core/cli/web/plan-provider.ts', 'core/cli/web/plan-folder.ts', 'core/control/api/run-service.ts'],
  ...['core/control/api/stored-runs.ts', 'core/control/load/load-change-request.ts'],
  ...['core/control/load/load-changes.ts', 'core/control/load/load-phase.ts', 'core/control/security/invitations.ts'],
];
/** Where what is filled in is one of a few words. */
const NAMES = {
  doing: ['see', 'do'],
  whose: ['200 streams are', '20 streams of this session are'],
  what: ['query', 'body'],
  count: ['a problem', '12 problems'],
  API_ROOT: ['/api/v1'],
  LABEL_RULE: ['at most 20 labels, of 1 to 80 letters, digits and . _ - each: name=value'],
  "renderMessage(difference, 'en')": ['Somebody changed the load of a while it ran.'],
  "wrong.join('; ')": ['a: is missing'],
  'error.message': ['its load is not paused'],
  kind: [...RUN_STATES],
  why: [
    'whose module says what the load is',
    'whose search says what the load is',
    'whose work is given, not its level',
  ],
  'ASK_FOR[use]': ['`bench control invite --web`'],
  "wanted === 'vus' ? 'whole ' : ''": ['whole ', ''],
};
const CALLS = { ApiError: 1, RpcError: 1, InvitationError: 0 };
/** Only the parts of sentences about loads: they are told after "the load of run … cannot be changed: ". */
const PARTS = { LoadChangeError: 0 };

t.test('no refusal has English left in Chinese', async (t) => {
  const urls = [...FILES, ...OTHERS].map((path) => new URL(path, ROOT));
  const whole = urls.flatMap((file) => writtenIn(file, CALLS, [], NAMES));
  const parts = urls
    .flatMap((file) => writtenIn(file, PARTS, [], NAMES))
    .map(({ text, place }) => ({ text: `the load of run X9 cannot be changed: ${text}`, place }));
  t.ok(whole.length > 60, `${whole.length} texts`);
  t.ok(parts.length > 12, `${parts.length} parts`);
  for (const { text, place } of [...whole, ...parts]) {
    // Whatever a caller of gRPC alone can be told, and what says itself nothing.
    if (
      /^X0$|^this control takes no code|watches from there are open|the request (?:gives no level|does not say)|certificate request/.test(
        text,
      )
    )
      continue;
    t.strictSame(untranslated(spokenIn(text, 'zh-CN')), [], `${place}: ${text}`);
  }
});

t.test('a client gets the language that it asks for, and English without a wish', async (t) => {
  const { get, ask, post } = await served(t);
  const english = /^there is no run abc/;
  const chinese = /^没有测试 abc：/;
  t.match(await get('/runs/abc'), {
    json: { title: 'Not Found', detail: english },
    headers: { 'content-language': 'en' },
  });
  for (const [wanted, detail] of [
    ['zh-CN', chinese],
    ['zh', chinese],
    ['de, zh-Hans;q=0.5, en;q=0.4', chinese],
    ['en-GB, zh;q=0.9', english],
    ['zh;q=0, fr', english],
    ['*', english],
    [',;q=;;,', english],
  ] as const) {
    const headers = { 'accept-language': wanted };
    t.match(await ask('GET', '/api/v1/runs/abc', { headers }), { status: 404, json: { detail } }, wanted);
  }
  const both = { headers: { 'accept-language': 'en' } };
  t.match(
    (await ask('GET', '/api/v1/runs/abc/view?lang=zh-CN', both)).json,
    { detail: chinese },
    'the query comes first',
  );
  const wrong = await post('/plans/check', { text: 'a', txt: 'b' }, { 'accept-language': 'zh-CN' });
  t.match(wrong, { status: 400, json: { detail: '请求体有误：未知的键 "txt"；您是指 "text" 吗？' } });
});

t.test('why a run stopped is told in both languages to all', async (t) => {
  const { get, post } = await served(t);
  const { runId } = valid('startRun', await post('/runs', { text: 'any' }));
  await post(`/runs/${runId}/stop`, {});
  t.match(valid('run', await get(`/runs/${runId}`)), { reasonTexts: { 'zh-CN': /操作员通过 HTTP API 停止了测试/ } });
  t.match(valid('runs', await get('/runs')), { runs: [{ reasonTexts: { 'zh-CN': /停止/ } }] });
});
