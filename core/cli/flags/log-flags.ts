import process from 'node:process';
import type { Command } from 'commander';
import { type Log, loggedText, MAX_LOG_CHARACTERS } from '../../log.ts';
import { clipped, printable } from '../../text/printable.ts';
import type { Output } from '../output.ts';
import { flag } from './flags.ts';

const FORMATS = ['text', 'json'] as const;
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export interface LogFlags {
  readonly logFormat: (typeof FORMATS)[number];
  readonly logLevel: (typeof LEVELS)[number];
}

/** For processes that run for a long time without a person who watches them. */
export function addLogFlags(command: Command): Command {
  return command
    .addOption(
      flag('--log-format <format>', 'one sentence or one JSON object per line, on stderr')
        .choices(FORMATS)
        .default('text' satisfies LogFlags['logFormat']),
    )
    .addOption(
      flag('--log-level <level>', 'log this level and everything above it')
        .choices(LEVELS)
        .default('info' satisfies LogFlags['logLevel']),
    );
}

/**
 * The log of a process, on stderr. As JSON each line has `level`, `time` (RFC 3339), `msg`, and where it is about them
 * `runId`, `agent`, `epoch` and `stack`. What agents, databases and targets say is part of many lines: each line is made printable here,
 * at the one way out.
 */
export async function createLog({ logFormat, logLevel }: LogFlags, output: Pick<Output, 'problem'>): Promise<Log> {
  if (logFormat === 'text') {
    const least = LEVELS.indexOf(logLevel);
    return (line, { level = 'info', stack } = {}) => {
      if (LEVELS.indexOf(level) >= least)
        output.problem(stack === undefined ? loggedText(line) : `${loggedText(line)}\n${fitStack(stack)}`);
    };
  }
  const { default: pino } = await import('pino');
  const logger = pino(
    {
      base: { pid: process.pid },
      level: logLevel,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    // No worker and no file descriptor: the same on every runtime, and in order with all else on stderr.
    { write: (line: string) => output.problem(line.trimEnd()) },
  );
  return (line, { level = 'info', stack, ...fields } = {}) => {
    const about = Object.entries(fields).map(([name, value]) => [name, printable(value)]);
    if (stack !== undefined) about.push(['stack', fitStack(stack)]);
    logger[level](Object.fromEntries(about), loggedText(line));
  };
}

/** Indented, so that none of its lines passes for a line of the log. */
function fitStack(stack: string): string {
  return clipped(stack, MAX_LOG_CHARACTERS)
    .split('\n')
    .map((line) => `    ${loggedText(line.trim())}`)
    .join('\n');
}
