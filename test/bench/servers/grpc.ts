import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { StartedProcess } from '../started-process.ts';
import type { Counters, LoadedServer } from './server.ts';

const PROGRAM = fileURLToPath(new URL('./grpc-server.ts', import.meta.url));

/** Starts the benchmark's own server of gRPC as a process, on the runtime that the benchmark runs on. */
export async function startGrpcServer(): Promise<LoadedServer> {
  const server = await StartedProcess.start({ command: process.execPath, args: [PROGRAM], cores: undefined });
  const { url, counters } = JSON.parse(await server.firstLine) as { url: string; counters: string };
  return {
    name: "the benchmark's own server of gRPC",
    url,
    counters: async () => (await (await fetch(counters)).json()) as Counters,
    end: async () => {
      await server.end();
    },
  };
}
