import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { EncodedHistogram } from '../../../core/stats/histogram.ts';
import { StartedProcess } from '../started-process.ts';
import { COUNTERS_PATH, type Counters, type LoadedServer } from './server.ts';

/** What {@link PlainServer} noted of the arrivals: the time between each and the next, as the server saw them. */
export interface PlainCounters extends Counters {
  readonly gaps: EncodedHistogram;
}

/** A server that notes when requests arrive. */
export interface PlainServer extends LoadedServer {
  counters(): Promise<PlainCounters>;
}

const PROGRAM = fileURLToPath(new URL('./plain-server.ts', import.meta.url));

/** Starts the benchmark's own server as a process, on the runtime that the benchmark runs on. */
export async function startPlainServer(): Promise<PlainServer> {
  const server = await StartedProcess.start({ command: process.execPath, args: [PROGRAM], cores: undefined });
  const url = await server.firstLine;
  return {
    name: "the benchmark's own server",
    url,
    counters: async () => (await (await fetch(`${url}${COUNTERS_PATH}`)).json()) as PlainCounters,
    end: async () => {
      await server.end();
    },
  };
}
