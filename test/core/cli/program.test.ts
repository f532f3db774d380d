import t from 'tap';
import { type Output, plain, wantsColor } from '../../../core/cli/output.ts';
import { childEnvironment } from '../../../core/cli/processes/child.ts';
import { createProgram, runCli } from '../../../core/cli/program.ts';

function recorder(): Output & { readonly out: string[]; readonly err: string[] } {
  const out: string[] = [];
  const err: string[] = [];
  return {
    out,
    err,
    isTerminal: false,
    paint: plain,
    columns: () => 100,
    rows: () => 24,
    line: (text) => void out.push(text),
    problem: (text) => void err.push(text),
    screen: (lines) => void out.push(...lines),
    redraw: (_previous, lines) => void out.push(...lines),
    write: (text) => void out.push(text),
  };
}

async function run(argv: string[], env: NodeJS.ProcessEnv = {}) {
  const output = recorder();
  const exitCode = await runCli(argv, output, env);
  return { exitCode, out: output.out.join('\n'), err: output.err.join('\n') };
}

t.test('help and version end well', async (t) => {
  for (const argv of [['--help'], ['-h'], [], ['help', 'run'], ['run', '--help']]) {
    const { exitCode, out, err } = await run(argv);
    t.equal(exitCode, 0, argv.join(' '));
    t.match(out + err, /Usage: bench/);
  }
  t.match((await run(['--version'])).out, /^\d+\.\d+\.\d+/);
});

t.test('each command has a description and examples', async (t) => {
  const program = createProgram(recorder(), () => {});
  for (const command of program.createHelp().visibleCommands(program)) {
    if (command.name() === 'help') continue;
    const { out } = await run([command.name(), '--help']);
    t.match(out, new RegExp(`Examples:\n  bench ${command.name()}`), command.name());
    t.ok(command.description());
  }
});

t.test('each flag can be given as an environment variable', async (t) => {
  const { commands } = createProgram(recorder(), () => {});
  for (const command of commands.flatMap((command) => [command, ...command.commands])) {
    // Their flags say what one request is, or are about one file, and a variable would be meant for a host.
    if (['http', 'import', 'curl', 'har', 'openapi', 'postman', 'init'].includes(command.name())) continue;
    // The token of an invitation comes in BENCH_INVITATION_TOKEN, which yields to --token-file; the variables of --param carry
    // the name of the parameter.
    const without = ['--token', '--param'];
    for (const option of command.options.filter(({ hidden, long }) => !hidden && !without.includes(long ?? ''))) {
      t.match(option.envVar, /^BENCH_[A-Z_]+$/, `${command.name()} ${option.flags}`);
    }
  }
});

t.test('names of a control in the environment are not the address it listens on', async (t) => {
  const { commands } = createProgram(recorder(), () => {});
  const control = commands.find((command) => command.name() === 'control');
  const init = control?.commands.find((command) => command.name() === 'init');
  const variable = (command = init) => command?.options.find(({ long }) => long === '--host')?.envVar;
  t.same([variable(control), variable(init)], ['BENCH_HOST', 'BENCH_CONTROL_NAMES']);
});

t.test('a variable that several flags share is a value for all of them, or a switch for all', async (t) => {
  const { commands } = createProgram(recorder(), () => {});
  const all = commands.flatMap((command) => [
    command,
    ...command.commands,
    ...command.commands.flatMap((one) => one.commands),
  ]);
  const kinds = new Map<string, boolean>();
  for (const command of all) {
    for (const { envVar = '', flags, isBoolean } of command.options.map((option) => ({
      ...option,
      isBoolean: option.isBoolean(),
    }))) {
      if (envVar === '') continue;
      t.equal(kinds.get(envVar) ?? isBoolean, isBoolean, `${envVar} of ${command.name()} ${flags}`);
      kinds.set(envVar, isBoolean);
    }
  }
});

t.test('the address of a page has the port of the page, not that of its control', async (t) => {
  const folder = t.testdir();
  const keys = ['--security', `${folder}/keys`];
  t.equal((await run(['control', 'init', '--host', 'control.example', ...keys])).exitCode, 0);
  const invite = (...args: string[]) => run(['control', 'invite', ...args, ...keys]);
  Object.assign(process.env, { BENCH_WEB: '0.0.0.0:8089', BENCH_PORT: '7071' });
  t.teardown(() => {
    for (const name of ['BENCH_WEB', 'BENCH_PORT']) delete process.env[name];
  });
  t.match((await invite()).out, / bench agent --join control\.example:7071 --ca-hash /);
  t.match(await invite('--role', 'viewer', '--web'), {
    exitCode: 104,
    err: 'bench: --web needs the port of the page: add --port, as in `bench control --web`.',
  });
  t.match(
    (await invite('--role', 'viewer', '--web', '--port', '8089')).out,
    /^https:\/\/control\.example:8089\/#token=/,
  );
  delete process.env.BENCH_PORT;
  t.match((await invite()).out, / bench agent --join control\.example:7070 --ca-hash /);
  t.match((await invite('--role', 'viewer', '--api')).out, /^\w{6}\.\w{32}$/);
});

t.test('a wrong command or flag is invalid input and gets the nearest name', async (t) => {
  const wrong: [string[], RegExp][] = [
    [['rnu'], /^bench: unknown command 'rnu' \(Did you mean run\?\)/],
    [['run', 'plan.yaml', '--vuss', '5'], /^bench: unknown option '--vuss' \(Did you mean --vus\?\)/],
    [['run', 'a.yaml', '-u', '100', '-r', 'ten'], /'-r, --spawn-rate <per second>' argument 'ten' is invalid/],
    [['run', 'a.yaml', '-e', 'HOST=x'], /^bench: unknown option '-e': a value for the plan is --param name=value$/],
    [
      ['run', '--run-time', '5m', 'a.yaml'],
      /^bench: unknown option '--run-time': how long the load lasts is --duration/,
    ],
    [
      ['http', '-t4', '-c100', '-d30s', 'http://h'],
      /'4' is invalid\. It must be a duration.*; what wrk calls threads is/,
    ],
    [['run', 'a.yaml', '--tag', 'nightly,-x'], /'nightly,-x' is invalid\. Tag 2 must have 1 to 50 letters, digits/],
    [['run', 'a.yaml', '--note', 'a\u0007'], /is invalid\. The note has characters that do not print/],
    [['run', 'plan.yaml', '--vus', 'many'], /--vus <number>' argument 'many' is invalid\. It must be a whole number/],
    [['run', 'plan.yaml', '--vus'], /option '-u, --vus <number>' argument missing/],
    [['run'], /missing required argument 'plan'/],
    [['run', 'a.yaml', 'b.yaml'], /too many arguments/],
    [['run', 'a.yaml', '--control', 'h:1', '--agents', '2'], /cannot be used with option '--agents <number>'/],
    [['run', 'a.yaml', '--expect-agents', '2'], /--expect-agents is for a control that others join/],
    [['run', 'a.yaml', '--agent-label', 'a=b'], /--agent-label is for a control that others join/],
    [['run', 'a.yaml', '--credentials', 'x'], /^bench: --credentials is for a control that others join/],
    [['run', 'a.yaml', '--control', 'h:1', '--store', 'x'], /^bench: --store cannot be used with --control: /],
    [['agent', '--token', `abcdef.${'0'.repeat(32)}`], /^bench: --token is for --join: /],
    [['agent', '--ca-hash', `sha256:${'0'.repeat(64)}`], /^bench: --ca-hash is for --join: /],
    [['run', 'no-such-plan.yaml'], /There is no plan no-such-plan\.yaml/],
    [['report'], /Give either the id of a run .* or --from/],
    [['report', 'abc', '--from', 'x.json'], /Give either the id of a run .* or --from/],
    [['report', '--from', 'a.json', '--from', 'b.json'], /^bench: --from is given twice: give it once\.$/],
    [['run', 'a.yaml', '-u', '1', '--vus', '2'], /^bench: --vus is given twice/],
    [['control', 'invite', '-p', '1', '-p', '2'], /^bench: --port is given twice/],
    [['report', '--from', 'a.json', '--store', 'x'], /^bench: --store cannot be used with --from/],
    [['runs', '--control', 'h:1', '--store', 'x'], /^bench: --store cannot be used with --control/],
    [['cleanup', 'abc', '--credentials', 'x'], /^bench: --credentials is for a control: add --control host:port/],
    [['run', 'a.yaml', '--elastic'], /^bench: --elastic is for a control that others join/],
    [['agent', '--join', 'h:1', '--control', 'h:2'], /^bench: --control cannot be used with --join/],
  ];
  for (const [argv, message] of wrong) {
    const { exitCode, err, out } = await run(argv);
    t.equal(exitCode, 104, argv.join(' '));
    t.match(err, message);
    t.equal(out, '');
  }
});

t.test('what the environment says is checked as a flag is', async (t) => {
  process.env.BENCH_VUS = 'many';
  t.teardown(() => delete process.env.BENCH_VUS);
  const { exitCode, err } = await run(['run', 'plan.yaml']);
  t.equal(exitCode, 104);
  t.match(err, /BENCH_VUS/);
});

t.test('what the environment says and this command has no use for is no error', async (t) => {
  Object.assign(process.env, { BENCH_CREDENTIALS: 'x', BENCH_EXPECT_AGENTS: '2', BENCH_STORE: 'y' });
  t.teardown(() => {
    for (const name of ['BENCH_CREDENTIALS', 'BENCH_EXPECT_AGENTS', 'BENCH_STORE']) delete process.env[name];
  });
  for (const control of [[], ['--control', 'h:1']]) {
    t.match((await run(['run', 'no-such-plan.yaml', ...control])).err, /There is no plan no-such-plan\.yaml/);
  }
});

t.test('an empty variable counts as unset', async (t) => {
  Object.assign(process.env, { BENCH_VUS: '', BENCH_STAGE: ' ', BENCH_ELASTIC: '', BENCH_FROM: '' });
  t.teardown(() => {
    for (const name of ['BENCH_VUS', 'BENCH_STAGE', 'BENCH_ELASTIC', 'BENCH_FROM']) delete process.env[name];
  });
  const { exitCode, err } = await run(['run', 'no-such-plan.yaml'], process.env);
  t.equal(exitCode, 104);
  t.match(err, /There is no plan no-such-plan\.yaml/);
  t.notOk('BENCH_VUS' in process.env);
});

t.test('flags that take many values may be given many times', async (t) => {
  const { err } = await run([
    'run',
    'no-such-plan.yaml',
    '--stage',
    '1s:1',
    '--stage',
    '1s:2',
    '--report',
    'a',
    '--report',
    'b',
  ]);
  t.match(err, /There is no plan/);
});

t.test('a switch that the environment sets to no is off', async (t) => {
  const env: NodeJS.ProcessEnv = { BENCH_DROP: 'false', BENCH_OUT: 'no' };
  await run(['--version'], env);
  t.strictSame(env, { BENCH_OUT: 'no' });
});

t.test('flags in the environment are not meant for child processes', async (t) => {
  const { commands } = createProgram(recorder(), () => {});
  const options = commands.flatMap((command) => [command, ...command.commands]).flatMap((command) => command.options);
  const ofFlags = Object.fromEntries(options.flatMap(({ envVar }) => (envVar === undefined ? [] : [[envVar, '1']])));
  t.match(ofFlags, { BENCH_DROP: '1', BENCH_STORE: '1', BENCH_SECRETS_FOLDER: '1', BENCH_CONTROL_NAMES: '1' });
  const others = { BENCH_DB_PASSWORD: 'x', BENCH_CONTROL_TOKEN: 'y', PATH: '/bin' };
  t.strictSame(childEnvironment({ ...ofFlags, ...others }), others);
});

t.test('colours are for terminals that want them', async (t) => {
  t.equal(wantsColor({}, true), true);
  t.equal(wantsColor({}, false), false);
  t.equal(wantsColor({ NO_COLOR: '1', FORCE_COLOR: '1' }, true), false);
  t.equal(wantsColor({ NO_COLOR: '' }, true), true);
  t.equal(wantsColor({ FORCE_COLOR: '1' }, false), true);
  t.equal(wantsColor({ TERM: 'dumb' }, true), false);
});

t.test('of a folder without certificates nobody says that it has no invitations', async (t) => {
  const none = `${t.testdir()}/none`;
  for (const asked of [['invitations'], ['revoke', 'abc123']]) {
    t.same(await run(['control', ...asked, '--security', none]), {
      exitCode: 1,
      out: '',
      err: `bench: ${none} cannot be read (no such file or directory): \`bench control init\` makes such a folder, and --security names it`,
    });
  }
});

t.test('an invitation is good for some time, but no longer than its authority', async (t) => {
  const folder = t.testdir();
  await run(['control', 'init', '--security', folder]);
  const invite = (expires: string) => run(['control', 'invite', '--expires', expires, '--security', folder]);
  for (const [expires, problem] of [
    ['99999999999h', /'99999999999h' is invalid\. It must be at most 3650d\.$/],
    ['3650d1s', /It must be at most 3650d\.$/],
    ['0s', /'0s' is invalid\. It must be above 0, such as 90s/],
    ['0.0000001s', /It must be above 0/],
    ['soon', /It must be a duration with a unit/],
  ] as const) {
    t.match(await invite(expires), { exitCode: 104, out: '', err: problem }, expires);
  }
  t.match(await invite('3650d'), { exitCode: 0, err: '' });
});
