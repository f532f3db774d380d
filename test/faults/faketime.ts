import { existsSync, writeFileSync } from 'node:fs';
import { programByApt } from '../kit/programs/apt.ts';

const LIBRARY = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`;

/**
 * A clock that can be set while its process runs (libfaketime); root on Debian gets it by apt.
 * @param which `wall`: the time of day alone, as when somebody sets it. `all`: the monotonic clock too, as when a
 *   virtual machine is paused and goes on elsewhere
 */
export class FakeTime {
  readonly env: NodeJS.ProcessEnv;
  readonly #file: string;

  private constructor(folder: string, which: 'wall' | 'all') {
    this.#file = `${folder}/clock-${which}`;
    this.set(0);
    this.env = {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      ...(which === 'wall' ? { FAKETIME_DONT_FAKE_MONOTONIC: '1' } : {}),
    };
  }

  /** @throws an Error that says what to do */
  static async in(folder: string, which: 'wall' | 'all'): Promise<FakeTime> {
    await programByApt(
      'faketime',
      () => existsSync(LIBRARY) || undefined,
      'This test needs libfaketime: install it, or run as root on Debian (apt then installs it).',
    );
    return new FakeTime(folder, which);
  }

  /** @param seconds ahead of the true time */
  set(seconds: number): void {
    writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  }
}
