/** What one virtual user does, in code. my-user.yaml names this file, and has the requests that it sends. */
import { defineUser, type User } from '@bench/toolkit';

/** What a virtual user knows; texts and numbers stand for `${device}` in the requests of the plan. */
interface Vars {
  device: string;
}

async function upload({ driver, pause, check }: User<Vars>): Promise<void> {
  const { ok } = await driver('http').send('upload');
  check('stored', ok);
  await pause({ uniform: ['50ms', '100ms'] });
}

export default defineUser<Vars>({
  /** Once for each virtual user, before its first pass. */
  onStart({ vars, index, random }) {
    vars.device = `device ${index} ${random.int(1, 1000)}`;
  },

  /** A pass is one of these, drawn by weight. */
  tasks: {
    upload: { weight: 10, run: upload },
    look: { weight: 1, run: async ({ driver }) => void (await driver('http').send('health')) },
  },
});
