/** What the tests of this folder try on which runtime; docs/runtimes.md is made of it. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const RUNTIME_NAMES = ['node', 'bun', 'deno'] as const;
export type RuntimeName = (typeof RUNTIME_NAMES)[number];

export interface Ability {
  /** Its row in the table. */
  readonly title: string;
  /** Where it is not offered, and what to do there instead. It is tried on all others. */
  readonly except?: Readonly<Partial<Record<RuntimeName, string>>>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const bin = (name: string) => `${ROOT}node_modules/.bin/${name}`;

/** What stands before a program, by the runtime that it is to run on. */
export const RUNTIMES: Readonly<Record<RuntimeName, readonly [string, ...string[]]>> = {
  node: [process.execPath],
  bun: [bin('bun')],
  deno: [bin('deno'), 'run', '--allow-all'],
};

/** Tried with real processes, in roles.test.ts. */
export const ROLES = {
  local: {
    title: '`bench run` and `bench demo`, with a control and agents of their own',
  },
  control: {
    title: '`bench control`, for agents of all three runtimes',
    except: { deno: 'start control with Node or Bun' },
  },
  agent: { title: '`bench agent`, for a control on Node and on Bun' },
  starter: { title: '`bench run --control`, with a driver and a script of your own in TypeScript' },
  target: { title: '`bench target`' },
  files: { title: '`bench check`, `init`, `plugins`, `report` and `compare`' },
} satisfies Record<string, Ability>;

/** By the file that tries it. */
export const SMOKE: Readonly<Record<string, Ability>> = {
  'engine.smoke.ts': { title: 'Load models: users and arrivals' },
  'script.smoke.ts': { title: 'Scripts: checks, data, the line of what they throw' },
  'http-connection.smoke.ts': {
    title: 'The drivers `http`, `http-upload`, `health` and `null`: HTTP/1.1 and HTTP/2, shared connections, proxies',
  },
  'http.smoke.ts': { title: 'HTTP answers split anywhere, TLS, time limits' },
  'user-agent.smoke.ts': { title: 'Cookies, redirects, compressed answers' },
  'grpc.smoke.ts': { title: 'The driver `grpc`' },
  'milvus.smoke.ts': { title: 'The driver `milvus`' },
  'mysql.smoke.ts': { title: 'The driver `mysql-direct`' },
  'packages.smoke.ts': { title: 'Messages between processes' },
  'target.smoke.ts': { title: 'The target: uploads, counts, metrics' },
};
