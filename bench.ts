#!/usr/bin/env node
import process from 'node:process';
import { createOutput } from './core/cli/output.ts';
import { runCli } from './core/cli/program.ts';

// A reader that has seen enough (`bench run plan.yaml | head`) ends neither the run nor its reports.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
process.on('unhandledRejection', (reason) => failed(reason));
process.on('uncaughtException', (error) => failed(error));

function failed(error: unknown): never {
  process.stderr.write(`bench: unexpected error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

const exitCode = await runCli(
  process.argv.slice(2),
  createOutput(process.stdout, process.stderr, process.env),
  process.env,
);
// What was written has to leave the process first, also through a slow pipe.
await new Promise<void>((written) => process.stdout.write('', () => written()));
await new Promise<void>((written) => process.stderr.write('', () => written()));
process.exit(exitCode);
