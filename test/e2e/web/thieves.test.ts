/** What callers of the HTTP API try to make a real control and a real agent read and run. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { workbench } from '../bench-process.ts';
import { resultOf, servedByTls, servedHere } from './asked.ts';

t.setTimeout(400_000);

/** What nobody may learn who can only call the API: a variable of control and agents, a file beside the folder of plans, one hidden in it. */
const OF_VARIABLE = 'leaks-of-variable';
const OF_FILE = 'leaks-of-file';
const HTTP = { executor: 'per-vu-iterations', vus: 1, iterations: 1, operations: [{ driver: 'http' }] };

/** A plan whose one request carries a header. */
function sending(header: string, added: object = {}): object {
  const options = { headers: { 'x-stolen': header }, operations: { a: { path: '/' } } };
  return { name: 'thief', scenarios: { users: HTTP }, drivers: { http: { options } }, ...added };
}

function posting(body: object, added: object = {}): object {
  const options = { operations: { a: { method: 'POST', path: '/', body } } };
  return { name: 'thief', scenarios: { users: HTTP }, drivers: { http: { options } }, ...added };
}

/** @param folder the absolute path of that of plans @param target of the thief */
function attempts(folder: string, target: string): Record<string, object> {
  const text = (plan: object) => ({ text: JSON.stringify({ target, ...plan }) });
  const [secret, evil] = [join(folder, '../secret.txt'), join(folder, '../evil.ts')];
  const scenario = (added: object) => ({ name: 'thief', scenarios: { users: { ...HTTP, ...added } } });
  const user = (name: string) => scenario({ operations: undefined, user: name });
  const yaml = (lines: string) => ({ text: `name: thief\ntarget: ${target}\n${lines}` });
  const header = (value: string) =>
    `drivers: { http: { options: { headers: { x-stolen: ${value} }, operations: { a: { path: / } } } } }\nscenarios: { users: { executor: per-vu-iterations, vus: 1, iterations: 1, operations: [{ driver: http }] } }\n`;
  return {
    'a variable': text(sending(`\${env:THEIRS}`)),
    'a variable, with spaces': text(sending(`\${env: THEIRS }`)),
    'a variable, escaped twice': text(sending(`$$\${env:THEIRS}`)),
    'a variable in a reference': text(sending(`\${env:\${env:THEIRS}}`)),
    'a variable in the name of a header': text(
      sending('x', {
        drivers: {
          http: {
            options: { headers: Object.fromEntries([[`x-\${env:THEIRS}`, 'x']]), operations: { a: { path: '/' } } },
          },
        },
      }),
    ),
    'a variable by a parameter': text(sending(`\${env:\${param.p}}`, { params: { p: { default: 'THEIRS' } } })),
    'a variable by two parameters': text(
      sending(`\${param.a}env:THEIRS\${param.b}`, { params: { a: { default: '${' }, b: { default: '}' } } }),
    ),
    'a variable by a parameter that is sent': {
      ...text(sending(`\${param.p}`, { params: { p: { default: 'x' } } })),
      overrides: { params: { p: `\${env:THEIRS}` } },
    },
    'a parameter in a parameter': text(
      sending(`\${param.a}`, { params: { a: { default: `\${param.b}` }, b: { default: `\${env:THEIRS}` } } }),
    ),
    'a variable behind an alias': yaml(`description: &a "\${env:THEIRS}"\n${header('*a')}`),
    'a variable behind a merge': yaml(
      `params: { p: { default: x } }\n${header(`"\${env:THEIRS}"`).replace('{ x-stolen', `{ <<: { x-b: "\${env:THEIRS}" }, x-stolen`)}`,
    ),
    'a variable in the target': text({ ...sending('x'), target: `${target}/\${env:THEIRS}` }),
    'a variable in the host': { ...text(sending('x')), overrides: { host: `${target}/\${env:THEIRS}` } },
    'a variable in the host of a plan of the folder': {
      file: 'plan.json',
      overrides: { host: `${target}/\${env:THEIRS}` },
    },
    'a variable of a plan of the folder, to another host': { file: 'own.json', overrides: { host: `${target}/x` } },
    'a variable of a plan of the folder, by its parameter': {
      file: 'open.json',
      overrides: { params: { host: target } },
    },
    'a variable that is a parameter': text(sending(`\${param.stolen}`, { params: { stolen: { default: '' } } })),
    'a variable in an output': text(
      sending('x', { outputs: { webhook: { options: { url: `${target}/\${env:THEIRS}` } } } }),
    ),
    'a variable in a monitor': text(
      sending('x', { monitors: { prometheus: { options: { url: `${target}/\${env:THEIRS}` } } } }),
    ),
    'a file': text(sending(`\${file:${secret}}`)),
    'a file, above': text(sending(`\${file:../secret.txt}`)),
    'a file, around': text(sending(`\${file:./deep/../../secret.txt}`)),
    'a file by a parameter': text(sending(`\${file:\${param.p}}`, { params: { p: { default: secret } } })),
    'a file by a link': text(sending(`\${file:./link.txt}`)),
    'a hidden file': text(sending(`\${file:.env}`)),
    'a file by an address': text(sending(`\${file:file://${secret}}`)),
    'a file as the body': text(posting({ file: secret })),
    'a link as the body': text(posting({ file: './link.txt' })),
    'a file as the body, by a part that is empty': text(posting({ file: `${secret}\${file:./empty.txt}` })),
    'a file as a part of the body': text(posting({ multipart: { a: { file: '../secret.txt' } } })),
    'a file as a template': text(posting({ file: '../secret.txt', template: true })),
    'a body of a plan of the folder, to another host': { file: 'body.json', overrides: { host: target } },
    'a file as rows': text({
      ...sending(`\${rows.a}`),
      drivers: {
        http: {
          options: {
            headers: { 'x-stolen': `\${rows.a}` },
            data: { rows: { file: '../secret.txt' } },
            operations: { a: { path: '/' } },
          },
        },
      },
    }),
    'a file as the page of a monitor': text(
      sending('x', { monitors: { prometheus: { options: { url: `file://${secret}?\${file:./empty.txt}` } } } }),
    ),
    'the process itself': text(sending(`\${file:/proc/self/environ}`)),
    'a script': text(user('../evil.ts')),
    'a script by its whole path': text(user(evil)),
    'a script by a parameter': text({ ...user(`./\${param.p}`), params: { p: { default: '../evil.ts' } } }),
    'a script by its address': text(user(`file://${evil}`)),
    'a script in the plan': text(user(`data:text/javascript,import('file://${evil}')`)),
    'a script by a link': text(user('./link.ts')),
    'a module of the runtime': text(user('node:child_process')),
    'a shape': text({
      name: 'thief',
      scenarios: { users: { executor: 'shape', shape: '../evil.ts', maxVus: 1, operations: [{ driver: 'null' }] } },
    }),
    'a driver': text(scenario({ operations: [{ driver: '../evil.ts' }] })),
    'a driver under another name': text({
      ...scenario({ operations: [{ driver: 'null' }] }),
      drivers: { null: { use: '../evil.ts' } },
    }),
    'a monitor': text({ ...sending('x'), monitors: { x: { use: '../evil.ts' } } }),
    'an output': text({ ...sending('x'), outputs: { x: { use: '../evil.ts' } } }),
    'a report': text({ ...sending('x'), reports: ['../evil.ts'] }),
    'a plan elsewhere': { file: '../plan.json' },
    'a plan that is code': { file: '../evil.ts' },
    'a driver of the prototype': text(scenario({ operations: [{ driver: '__proto__' }] })),
    'YAML that makes objects': yaml(`${header('!!js/function "x"')}`),
  };
}

const BUN = [join(import.meta.dirname, '../../../node_modules/.bin/bun')];
const SERVED = {
  'on loopback, by Node': { serve: servedHere },
  'on loopback, by Bun': { serve: servedHere, runtime: BUN },
  'with TLS and the token of an operator': { serve: servedByTls },
};

for (const [how, { serve, ...runtime }] of Object.entries(SERVED)) {
  t.test(`callers make control and agents read and run nothing of their user: ${how}`, async (t) => {
    const bench = workbench(t);
    const { folder } = bench;
    const plans = join(folder, 'plans');
    const write = (name: string, content: string | object) =>
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    mkdirSync(join(plans, 'deep'), { recursive: true });
    write('secret.txt', `a\n${OF_FILE}\n`);
    write(
      'evil.ts',
      `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(join(folder, 'ran'))}, '');\nexport default {};\n`,
    );
    write('plan.json', sending('x'));
    write('plans/empty.txt', '');
    write('plans/.env', OF_FILE);
    write('plans/plan.json', sending('x', { target: 'http://127.0.0.1:1' }));
    write('plans/body.json', posting({ file: '../secret.txt' }, { target: 'http://127.0.0.1:1' }));
    const open = sending(`\${env:THEIRS}`, { params: { host: { default: 'http://127.0.0.1:1' } } });
    write('plans/open.json', { ...open, target: `\${param.host}` });
    symlinkSync(join(folder, 'secret.txt'), join(plans, 'link.txt'));
    symlinkSync(join(folder, 'evil.ts'), join(plans, 'link.ts'));

    const heard: string[] = [];
    const target = createServer((request, response) => {
      heard.push(`${request.url} ${JSON.stringify(request.headers)}`);
      request.on('data', (piece: Buffer) => heard.push(String(piece))).on('end', () => response.end('ok'));
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    t.teardown(() => target.close());
    const { port } = target.address() as AddressInfo;
    write('plans/own.json', sending(`\${env:THEIRS}`, { target: `http://127.0.0.1:${port}/` }));

    const env = { THEIRS: OF_VARIABLE, BENCH_PARAM_STOLEN: OF_VARIABLE, PGPASSWORD: OF_VARIABLE };
    const ask = await serve(bench, 'plans', { ...runtime, env });
    const told: string[] = [];
    for (const [name, source] of Object.entries(attempts(plans, `http://127.0.0.1:${port}`))) {
      const checked = await ask('POST', '/plans/check', source);
      const started = await ask('POST', '/runs', source);
      told.push(JSON.stringify([checked.json, started.json]));
      if (started.status === 201) told.push(JSON.stringify(await resultOf(ask, started.json.runId)));
      t.ok([201, 404, 422].includes(started.status), `${name}: ${started.status}`);
      const said = `${heard.splice(0).join('\n')}\n${told.splice(0).join('\n')}`;
      t.notOk(said.includes(OF_VARIABLE) || said.includes(OF_FILE), `${name}: ${said.slice(0, 2000)}`);
      t.notOk(existsSync(join(folder, 'ran')), name);
    }
    const { json: started } = await ask('POST', '/runs', { file: 'own.json' });
    await resultOf(ask, started.runId);
    t.ok(heard.join().includes(OF_VARIABLE), 'what its author says is sent where its author says');
  });
}
