// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sentences show references as plans have them
/** What the code says where a plan, a run or an agent is refused is told in Chinese: the test reads the code. */
import { readdirSync } from 'node:fs';
import t, { type Test } from 'tap';
import { preflight } from '../../../agents/host/preflight.ts';
import { spokenIn } from '../../../core/verdict/messages/spoken/spoken.ts';
import { untranslated, type Written, writtenIn } from '../../kit/untranslated.ts';

const ROOT = new URL('../../../', import.meta.url);

/** What an operation came to, whose words are counted and shown as they are; and parts of sentences. */
const FAILURES =
  /no step has set the variable|the run has (?:ended|cut it off)|the session was closed|does not match|is not in the answer|^(?:X1: )?the answer (?:is no|has) X1|expands it to more|it is not valid X1|^the server (?:reset the stream|closed the connection)|^(?:target )?X1(?: answered)? X1|^it redirects to|rows that may be deleted are|the name has no X1address|^describes nothing|^is no whole descriptor|contains half a character|^X1 (?:must be an object|has no default export)$|^(?:X1: connection refused|connection refused: X1)/;

function files(folder: string, ending = '.ts'): URL[] {
  const root = new URL(`${folder}/`, ROOT);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => new URL(name, root));
}

function check(t: Test, written: readonly Written[], least: number, isLeft: RegExp): void {
  const said = written.filter(({ text }) => /\w \w/.test(text) && !isLeft.test(text));
  t.ok(said.length >= least, `${said.length} texts`);
  // Of what may be filled in at a place, one is right there.
  const left = new Map(said.map(({ text, place }) => [place, text]));
  for (const { text, place } of said) {
    const told = spokenIn(text, 'zh-CN');
    if (untranslated(told).length === 0 && /\p{Script=Han}/u.test(told)) left.delete(place);
  }
  for (const [place, text] of left) t.fail(`${place}: ${text}`);
}

t.test('what is wrong with options, and why a driver, monitor or output cannot begin', async (t) => {
  // Failures of requests are what a target says, and have the words in which they are counted.
  const urls = files('plugins').filter(({ pathname }) => !/\/http\/script\//.test(pathname));
  const calls = { PluginError: 0, NotPreparedError: 0, RefusedError: 0, problem: 0, issue: 0 };
  const names = {
    kind: ['driver', 'name of metadata'],
    'place(i)': ['entry 1'],
    through: [''],
    "there === undefined ? '' : ': name another, or drop it'": [''],
    filter: [''],
    found: ['has no default export'],
    what: ['a driver', 'module'],
    define: ['defineDriver'],
    how: ['such as ${random(0.4, 0.6, 1)}', 'with at most nine decimals'],
    hint: [
      'did you mean X1?',
      'in none of importPaths',
      'not there: name the folder that it lies in under importPaths',
    ],
    made: ['protoc --include_imports --descriptor_set_out makes one'],
    text: ['connection refused'],
    doing: ['the database cannot be prepared'],
    wrong: ['its iterate is no function'],
    wanted: ['a whole number'],
    known: ['write text'],
    message: ['must be an object'],
  };
  const written = urls.flatMap((file) => writtenIn(file, calls, ['message', 'error', 'reason'], names));
  check(t, written, 150, FAILURES);
});

t.test('why an agent is refused', async (t) => {
  const urls = ['ingest', 'load', 'agents'].flatMap((folder) => files(`core/control/${folder}`));
  const written = [
    ...urls.flatMap((file) => writtenIn(file, { WireError: 0 })),
    ...writtenIn(new URL('core/control/agents/agent-connection.ts', ROOT), { refuse: 0 }),
  ].map(({ text, place }) => ({ text: `agent a is gone: it was refused: ${text}`, place }));
  check(t, written, 25, /X1 is X1, and the agent holds/);
});

t.test('what is short on the host of an agent', async (t) => {
  const limits = {
    openFiles: 100,
    openFilesHard: 200,
    ephemeralPorts: [1, 10],
    timeWaitReuse: 0,
    availableMemoryBytes: 1,
  };
  const findings = preflight(limits as unknown as Parameters<typeof preflight>[0], { sessions: 5000 });
  t.equal(findings.length, 4);
  for (const { name, text, ok } of findings) {
    t.notOk(ok);
    const told = spokenIn(`agent a warns: ${name}: ${text}`, 'zh-CN');
    t.strictSame(untranslated(told), [], told);
    t.notMatch(told, name);
  }
});

t.test('what the package yaml finds wrong with a text', async (t) => {
  const names = {
    fcName: ['flow map', 'flow sequence'],
    flow: ['flow map'],
    "flow ?? 'collection'": ['flow map', 'collection'],
    name: ['Flow map', 'Flow sequence'],
    src: ['explicit indentation indicator', 'first line'],
    badChar: ['a tab character', 'flow indicator character ,', 'block scalar indicator |', 'reserved character @'],
  };
  const keys = ['message', 'msg', 'blockMsg', 'startColMsg'];
  const urls = ['compose', 'doc', 'parse', 'nodes', 'schema/common'].flatMap((folder) =>
    files(`node_modules/yaml/dist/${folder}`, '.js'),
  );
  const written = urls.flatMap((file) =>
    [0, 1, 2].flatMap((place) => writtenIn(file, { onError: place }, keys, names)),
  );
  // What cannot come, or only of what `bench` does not use.
  const never =
    /not found$|trailing content$|stringKeys|should not happen|empty stack|must not contain whitespace|token in YAML (?:stream|document)$/;
  check(t, written, 60, never);
});
