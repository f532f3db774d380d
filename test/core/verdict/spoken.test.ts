import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import t from 'tap';
import { levelSentence } from '../../../core/control/load/threshold-watch.ts';
import type { SearchedLevel } from '../../../core/stats/search/search-result.ts';
import { en } from '../../../core/verdict/messages/en.ts';
import { renderMessage } from '../../../core/verdict/messages/message.ts';
import { agentsZhCn } from '../../../core/verdict/messages/spoken/agents-zh-cn.ts';
import { changesZhCn } from '../../../core/verdict/messages/spoken/changes-zh-cn.ts';
import { criteriaZhCn } from '../../../core/verdict/messages/spoken/criteria-zh-cn.ts';
import { databasesZhCn } from '../../../core/verdict/messages/spoken/databases-zh-cn.ts';
import { driversZhCn } from '../../../core/verdict/messages/spoken/drivers-zh-cn.ts';
import { PLACE } from '../../../core/verdict/messages/spoken/form.ts';
import { optionsZhCn } from '../../../core/verdict/messages/spoken/options-zh-cn.ts';
import { phrasesZhCn } from '../../../core/verdict/messages/spoken/phrases-zh-cn.ts';
import { plansZhCn } from '../../../core/verdict/messages/spoken/plans-zh-cn.ts';
import { requestsZhCn } from '../../../core/verdict/messages/spoken/requests-zh-cn.ts';
import { runsZhCn } from '../../../core/verdict/messages/spoken/runs-zh-cn.ts';
import { serversZhCn } from '../../../core/verdict/messages/spoken/servers-zh-cn.ts';
import { spokenIn } from '../../../core/verdict/messages/spoken/spoken.ts';
import { yamlZhCn } from '../../../core/verdict/messages/spoken/yaml-zh-cn.ts';
import { untranslated } from '../../kit/untranslated.ts';

const ROOT = new URL('../../../', import.meta.url);
const CATALOGUES = {
  agentsZhCn,
  changesZhCn,
  criteriaZhCn,
  driversZhCn,
  optionsZhCn,
  phrasesZhCn,
  plansZhCn,
  requestsZhCn,
  runsZhCn,
  serversZhCn,
  databasesZhCn,
  yamlZhCn,
};

t.test('what was said in English is told in Chinese, with what others said as they said it', async (t) => {
  for (const [text, chinese] of [
    ['the load is paused', '负载已暂停'],
    ['the load of scenario devices goes to 7 virtual users', '场景 devices 的负载变为 7 个虚拟用户'],
    [
      'the load of scenario a b goes to 0.5 arrivals per second within 1m 20s',
      '场景 a b 的负载在 1m 20s 内变为每秒 0.5 次到达',
    ],
    ['the run stops: agent agent-2 was lost', '测试停止：代理 agent-2 失联'],
    ['the run stops: p95 < 5ms is broken', '测试停止：p95 < 5ms is broken'],
    ['agent agent-2 was lost: nothing has come from it for 3 s', '代理 agent-2 失联：3 秒内没有收到它的任何数据'],
    ['monitor db failed: connect ECONNREFUSED $1', '监控 db 失败：connect ECONNREFUSED $1'],
    ['windows are missing because the disk is full', '部分数据缺失，原因：the disk is full'],
    ['driver mysql-direct, step prepare: ER_X: no; thanks', '驱动 mysql-direct，步骤 prepare：ER_X: no; thanks'],
    [
      'the body is not right: scenario: must be text, not 7; vus: is missing: it must be a whole number',
      '请求体有误：scenario：必须是文本，而不是 7；vus：缺失：必须是整数',
    ],
    [
      '"p95 < 5", column 7: p95 is a duration: write it with us, ms, s or m, such as 200ms, not "5"',
      '"p95 < 5"，第 7 列：p95 是时长：请带单位 us、ms、s 或 m，例如 200ms，而不是 "5"',
    ],
    ['driver "shop" has no operation "x"; did you mean "y"?', '驱动 "shop" 没有操作 "x"；您是指 "y" 吗？'],
    [
      'unknown key "vu"; did you mean "vus"?. There are 3 more unknown keys',
      '未知的键 "vu"；您是指 "vus" 吗？另有 3 个未知的键',
    ],
    ['something else', 'something else'],
    ['a; b. c', 'a; b. c'],
    ['', ''],
  ] as const) {
    t.equal(spokenIn(text, 'zh-CN'), chinese);
    t.equal(spokenIn(text, 'en'), text);
  }
});

t.test('the reasons of a verdict, which are stored as one text, are told in Chinese', async (t) => {
  const params = { criterion: 'p95 < 5ms', actual: 8000, unit: 'us', limit: 5000, excess: 0.6, side: 'over' };
  const fails = { id: 'threshold.fail-by', params };
  const lost = {
    id: 'agents-complete.fail',
    params: { lost: 1, agents: 2, names: ['a', 'b'], share: 0.5, limit: 0.1 },
  };
  const samples = { id: 'samples.fail', params: {} };
  const only = { id: 'threshold.only-failures', params: { failures: 1 } };
  t.equal(spokenIn(renderMessage(only, 'en'), 'zh-CN'), renderMessage(only, 'zh-CN'));
  for (const said of [[fails], [lost], [samples, fails], [lost, samples], [fails, fails, lost]]) {
    const [english, chinese] = (['en', 'zh-CN'] as const).map((lang) => said.map((one) => renderMessage(one, lang)));
    t.equal(spokenIn(english?.join(' ') ?? '', 'zh-CN'), chinese?.join(''));
  }
  const ratio = {
    id: 'conclusion.ratio-void',
    params: { name: 'x.recall', reason: 'rows were written while it was measured' },
  };
  t.equal(renderMessage(ratio, 'zh-CN'), 'x.recall 作废，不说明任何问题：测量期间写入了数据');
});

t.test('both languages of a sentence have the same parts', async (t) => {
  const parts = (text: string) => [...new Set([...text.matchAll(PLACE)].map(([, name]) => name))].sort();
  for (const [name, sentences] of Object.entries(CATALOGUES)) {
    for (const [english, chinese] of Object.entries(sentences)) {
      t.strictSame(parts(chinese), parts(english), `${name}: ${english}`);
      t.strictSame(untranslated(chinese), [], `${name}: ${chinese}`);
      t.notMatch(english, /\}\{/, `${name}: two parts with nothing between them cannot be told apart: ${english}`);
    }
  }
});

/** Where the code puts a sentence together out of parts. */
const JOINTS = [
  ...[
    '(?=: only unary)',
    '(?<= times the )',
    '(?<=unknown key )',
    '(?<=give it )(?=in )',
    '(?=\\. Change it in the plan)',
  ],
  ...['(?<=use )(?=a )', '(?<=^\\), )(?=a path)', '(?<=^")(?= has changed)', '(?= before a metric)', '(?=, not "$)'],
  ...[
    '(?<=write )(?=requests, )',
    '(?=its values have)',
    '(?<=may not )',
    '(?<=may not (?:see|do))',
    '(?<=^the )(?=query|body)',
  ],
  ...[
    '(?<=^the (?:query|body))',
    '(?= open, which)',
    '(?=a problem$)',
    '(?<=ask for )(?=at most)',
    '(?<=^, )(?=whose)',
    '(?=number from 0)',
  ],
  ...[
    '(?= within )',
    '(?<=goes to )(?=another)',
    '(?=, but not its)',
    '(?<=^no agent)',
    '(?= had joined)',
    '(?<= had joined )',
  ],
  ...['(?= with the labels)', '(?=, and stays)', '(?<=[:;] )', '^\\/api\\/v1'],
  ...['(?=: $)', '(?= through the proxy)', '(?<=Start it, or )', '(?= get load)', '(?=: name another, or)'],
  ...['(?<=^(?:open files|ephemeral ports|time-wait reuse|free memory))', '(?=, after raising)', '(?=: end other)'],
  ...['(?=failed \\()', '(?=gave )', '(?= at second)', '(?=, such as $)', '(?=, not $)', '(?<=, which is )'],
  ...['(?<=^rows_(?:wanted|returned)\\.left)'],
  ...['(?<=^Flow (?:map|sequence))(?! end)', '(?= with the filter )', '(?<=refuses it)(?=: )'],
  ...['(?=name of metadata)', '(?<=its values have, )', '(?=: only unary)'],
];

/** What systems and databases say, and what the package yaml puts together with a large first letter. */
const AS_MADE = [
  ...['no space left on device', 'read-only file system', 'database or disk is full', 'Flow map', 'Flow sequence'],
  ...[' must end with a ', ' in block collection must be sufficiently indented and end with a '],
];

/** Where the package yaml says what is wrong with a text. */
function yamlFiles(): string[] {
  return ['compose', 'doc', 'nodes', 'parse', 'schema/common'].flatMap((folder) =>
    readdirSync(new URL(`node_modules/yaml/dist/${folder}`, ROOT))
      .filter((name) => name.endsWith('.js'))
      .map((name) => `node_modules/yaml/dist/${folder}/${name}`),
  );
}

t.test('each sentence is one that the code says, word for word', async (t) => {
  const code = ['core', 'plugins', 'agents', 'reports']
    .flatMap((folder) =>
      readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    )
    .filter((path) => path.endsWith('.ts') && !path.includes('/messages/spoken/'))
    .concat(yamlFiles())
    .map((path) => readFileSync(new URL(path, ROOT), 'utf8').replaceAll(/\\([`$'"])/g, '$1'))
    .concat(AS_MADE)
    .join('\n');
  const joint = new RegExp(JOINTS.join('|'));
  for (const [name, sentences] of Object.entries(CATALOGUES)) {
    for (const english of Object.keys(sentences)) {
      const literals = english
        .replaceAll(PLACE, '\0')
        .split('\0')
        .flatMap((literal) => literal.split(joint));
      for (const literal of literals)
        if (!code.includes(literal.trim())) t.fail(`${name}: no code says "${literal}": ${english}`);
    }
  }
});

t.test('what came of a level of a search has no English left in Chinese, whatever the reason', async (t) => {
  const params = {
    ...{
      disturbed: 2,
      watched: 9,
      longest: 4,
      limit: 0.5,
      delayUs: 1500,
      level: 200,
      answered: 150,
      criterion: 'p95 < 5ms',
    },
    ...{ actual: 8000, unit: 'us', service: 4000, stalled: 1, seconds: 9, otherwise: 3000, timeouts: 3, share: 0.2 },
  };
  const ids = Object.keys(en).filter((id) => /^(?:level\.|threshold\.(?:fail$|generator-))/.test(id));
  t.ok(ids.length > 10);
  const next = [
    { kind: 'done' },
    ...['search', 'recover', 'confirm'].map((purpose) => ({ kind: 'try', level: 12_500, purpose })),
  ];
  for (const purpose of ['search', 'recover', 'confirm'] as const)
    for (const outcome of ['holds', 'breaks', 'unclear', 'cut-short'] as const)
      for (const unit of ['vus', 'rate'] as const)
        for (const id of [undefined, ...ids])
          for (const step of next) {
            const reasons = id === undefined ? [] : [{ id, params }];
            const judged = {
              level: 1200,
              purpose,
              outcome,
              perSecond: 900,
              p95Us: 8000,
              reasons,
            } as unknown as SearchedLevel;
            const told = spokenIn(
              levelSentence(judged, { of: unit, step } as Parameters<typeof levelSentence>[1]),
              'zh-CN',
            );
            const english = told.replaceAll(/p95( < 5ms)?|\bms\b|CPU/g, '').match(/[A-Za-z]{2,}/g);
            if (english !== null) t.fail(told);
          }
  t.equal(
    spokenIn(
      '200 virtual users breaks (1,900/s, p95 812 ms): p95 < 100ms: failed with 812 ms; next: 150 virtual users',
      'zh-CN',
    ),
    '200 个虚拟用户：不满足（1,900/s，p95 812 ms），原因：p95 < 100ms：未达标，实际为 812 ms；下一级：150 个虚拟用户',
  );
});

t.test('no sentence takes long to look for, whatever an agent says', async (t) => {
  for (const hostile of [
    `agent ${'a '.repeat(3900)}; if `,
    'agent a is gone: '.repeat(400),
    'a: '.repeat(2600),
    'b. '.repeat(2600),
    '; \n. '.repeat(1500),
    ' or '.repeat(1900),
    `must be ${'a or '.repeat(1500)}b, not 7`,
    'x'.repeat(1e6),
  ]) {
    const { user } = process.cpuUsage();
    spokenIn(hostile, 'zh-CN');
    t.ok(process.cpuUsage().user - user < 2e6, hostile.slice(0, 20));
  }
});
