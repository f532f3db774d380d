import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { ownToken } from '../../../../core/cli/files/token-file.ts';

const TOKEN = 'a-token-of-sixteen-or-more';
const OTHER = 65_534;
const asRoot = { skip: process.geteuid?.() === 0 ? false : 'only root can make files that belong to another user' };

interface Made {
  readonly mode: number;
  /** User and group. */
  readonly of?: readonly [number, number];
}

/** The token lies in a folder as it is asked for. */
function tokenIn(t: Test, folder: Made, file: Made): string {
  const place = join(t.testdir({ at: { token: `${TOKEN}\n` } }), 'at');
  const made: [path: string, Made][] = [
    [join(place, 'token'), file],
    [place, folder],
  ];
  for (const [path, { mode, of = [0, 0] }] of made) {
    chownSync(path, of[0], of[1]);
    chmodSync(path, mode);
  }
  return join(place, 'token');
}

const PRIVATE: Made = { mode: 0o600 };
const FOLDER: Made = { mode: 0o755 };

for (const [what, folder, file] of [
  ['a private file', FOLDER, PRIVATE],
  ['a private file in a folder like /tmp', { mode: 0o1777 }, PRIVATE],
  ['a file that a group may read', FOLDER, { mode: 0o440, of: [0, OTHER] }],
  ['a volume that belongs to a group of this process', { mode: 0o2770 }, { mode: 0o660 }],
] as const) {
  t.test(`control takes ${what}`, asRoot, async (t) => {
    t.equal(await ownToken(tokenIn(t, folder, file)), TOKEN);
  });
}

for (const [what, folder, file, told] of [
  ['a file of another user', FOLDER, { mode: 0o600, of: [OTHER, 0] }, /at\/token belongs to another user.*: remove it/],
  ['one in a folder like /tmp', { mode: 0o1777 }, { mode: 0o600, of: [OTHER, 0] }, /at\/token belongs to another user/],
  ['one that everybody can write', FOLDER, { mode: 0o602 }, /other users can write to .*at\/token.*`chmod 600`\.$/],
  ['one that another group can write', FOLDER, { mode: 0o660, of: [0, OTHER] }, /other users can write to .*at\/token/],
  [
    'one that everybody can read',
    FOLDER,
    { mode: 0o604 },
    /every user of this host can read .*at\/token.*`chmod 600`\.$/,
  ],
  ['a folder of another user', { mode: 0o755, of: [OTHER, 0] }, PRIVATE, /the folder .*at belongs to another user/],
  [
    'a sticky one of another user',
    { mode: 0o1777, of: [OTHER, 0] },
    PRIVATE,
    /the folder .*at belongs to another user/,
  ],
  [
    'a folder that everybody can write',
    { mode: 0o777 },
    PRIVATE,
    /other users can write to the folder .*at, .*chmod go-w/,
  ],
] as const) {
  t.test(`control refuses ${what}`, asRoot, async (t) => {
    await t.rejects(ownToken(tokenIn(t, folder, file)), { exitCode: 104, message: told });
  });
}

t.test('control makes a missing file where only it can put one', asRoot, async (t) => {
  const folder = t.testdir({ mine: {}, sticky: {}, open: {} });
  chmodSync(join(folder, 'sticky'), 0o1777);
  chmodSync(join(folder, 'open'), 0o777);
  for (const place of ['mine', 'sticky']) {
    const file = join(folder, place, 'token');
    const token = await ownToken(file);
    t.equal(readFileSync(file, 'utf8'), `${token}\n`);
    t.equal(statSync(file).mode & 0o777, 0o600);
    t.equal(await ownToken(file), token, 'and takes it at the next start');
  }
  await t.rejects(ownToken(join(folder, 'open/token')), {
    exitCode: 104,
    message: /other users can write to the folder/,
  });
  await t.rejects(ownToken(join(folder, 'none/token')), { exitCode: 104, message: /cannot be written \(no such file/ });
});

t.test(
  'links count by whose they are: a secret of Kubernetes is taken, that of another user is not',
  asRoot,
  async (t) => {
    const folder = t.testdir({ secret: { '..2026': {} }, sticky: {} });
    for (const place of ['secret', 'sticky']) chmodSync(join(folder, place), 0o1777);
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'secret/..2026/token'), TOKEN, { mode: 0o440 });
    symlinkSync('..2026', join(folder, 'secret/..data'));
    symlinkSync('..data/token', join(folder, 'secret/token'));
    t.equal(await ownToken(join(folder, 'secret/token')), TOKEN);
    symlinkSync('../secret/token', join(folder, 'sticky/token'));
    lchownSync(join(folder, 'sticky/token'), OTHER, OTHER);
    await t.rejects(ownToken(join(folder, 'sticky/token')), {
      exitCode: 104,
      message: /sticky\/token belongs to another user/,
    });
  },
);
