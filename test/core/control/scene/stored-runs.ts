/** What tests of the store put into it, and how they look at it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import type { Test } from 'tap';
import type { StoredWindow } from '../../../../core/control/store/measurements.ts';
import type { RunStore } from '../../../../core/control/store/run-store.ts';

export function newRun(runId: string, { createdAt = '2026-01-01T00:00:00.000Z', isPrivate = false } = {}) {
  return { runId, createdAt, name: `run ${runId}`, plan: '{}', baseDirectory: '/', checkpoint: '{}', isPrivate };
}

export function newWindow(runId: string, seq: number, agent = 'a') {
  return { runId, agent, epoch: 'e', seq, window: new Uint8Array([seq, 255, 0]) };
}

/** Of agents of this name, page by page. */
export async function windowsOf({ measurements }: RunStore, runId: string, agent = 'a'): Promise<StoredWindow[]> {
  const all: StoredWindow[] = [];
  for (;;) {
    const page = await measurements.windows(runId, { agent, epoch: 'e' }, all.at(-1)?.seq ?? 0, 1000);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

/** A path that is hard to write as a URL, in a folder that goes with the test. */
export function storeFile(test: Pick<Test, 'teardown'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench store ?#% '));
  test.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'runs.sqlite');
}

/** The database in that file, past the store. */
export function directly(file: string) {
  return createClient({ url: `file:${encodeURI(file).replaceAll('?', '%3F').replaceAll('#', '%23')}` });
}
