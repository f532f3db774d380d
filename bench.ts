#!/usr/bin/env node
import process from 'node:process';
import { EXIT } from './core/cli/exit-codes.ts';
import { createOutput, flushed, watchOutput } from './core/cli/output.ts';
import { runCli } from './core/cli/program.ts';
import { errorMessage } from './core/error.ts';

const hasLostOutput = watchOutput(process.stdout, process.stderr);
process.on('unhandledRejection', (reason) => failed(reason));
process.on('uncaughtException', (error) => failed(error));

function failed(error: unknown): never {
  process.stderr.write(`bench: unexpected error: ${errorMessage(error)}\n`);
  process.exit(1);
}

const exitCode = await runCli(
  process.argv.slice(2),
  createOutput(process.stdout, process.stderr, process.env),
  process.env,
);
await flushed(process.stdout);
await flushed(process.stderr);
process.exit(exitCode === EXIT.pass && hasLostOutput() ? EXIT.error : exitCode);
