import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { StartedProcess } from '../started-process.ts';
import type { Counters, LoadedServer } from './server.ts';

const NAMES = {
  'grpc-server.ts': "the benchmark's own server of gRPC",
  'milvus-server.ts': "the benchmark's own stand-in for a Milvus, which answers at once",
} as const;

/** Starts a server of gRPC of the benchmark's own as a process, on the runtime that the benchmark runs on. */
export async function startGrpcServer(program: keyof typeof NAMES): Promise<LoadedServer> {
  const file = fileURLToPath(new URL(`./${program}`, import.meta.url));
  const server = await StartedProcess.start({ command: process.execPath, args: [file], cores: undefined });
  const { url, counters } = JSON.parse(await server.firstLine) as { url: string; counters: string };
  return {
    name: NAMES[program],
    url,
    counters: async () => (await (await fetch(counters)).json()) as Counters,
    end: async () => {
      await server.end();
    },
  };
}
