import { existsSync } from 'node:fs';
import { programByApt } from './apt.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Arguments for a browser that shows only pages that the tests have made. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/**
 * The path of Chromium; as root on Debian, installs it with apt where it is missing.
 * @throws an Error that says what to do
 */
export async function chromiumPath(): Promise<string> {
  return programByApt(
    'chromium',
    () => PLACES.find((path) => existsSync(path)),
    'This test needs Chromium: install it, or run the tests as root on Debian (apt then installs it).',
  );
}
