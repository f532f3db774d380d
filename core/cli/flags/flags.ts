import { type Command, InvalidArgumentError, Option } from 'commander';
import { URL_WITH_REFERENCES } from '../../secrets/reference.ts';
import { parseDurationUs } from '../../text/duration.ts';
import { LANGUAGES } from '../../verdict/messages/lang.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { ReportAccess } from '../files/report-path.ts';

const withVariables: Option[] = [];

/** A flag that may also be given as an environment variable: `--agents-timeout` as `BENCH_AGENTS_TIMEOUT`. */
export function flag(flags: string, description: string): Option {
  const option = new Option(flags, description);
  option.env(variableOf(option.name()));
  withVariables.push(option);
  return option;
}

/** @param name of a flag, without its dashes */
export function variableOf(name: string): string {
  return `BENCH_${name.replaceAll('-', '_').toUpperCase()}`;
}

/** The variables of the flags of all commands. */
export function flagVariables(): ReadonlySet<string> {
  return new Set(withVariables.flatMap(({ envVar }) => envVar ?? []));
}

type Collect<Values> = (text: string, previous?: Values) => Values;
const collectors = new Set<unknown>();

/** Marks the parser of a flag that may be given many times: it adds to what was given before. */
export function repeatable<Values>(collect: Collect<Values>): Collect<Values> {
  collectors.add(collect);
  return collect;
}

/** Whether the flag may be given more than once. */
export function isRepeatable({ parseArg }: Option): boolean {
  return collectors.has(parseArg);
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

export const portNumber = wholeNumber(0, 65_535);

/** @returns the text as it was given, because it replaces text of a plan */
export function durationText(text: string): string {
  const us = parseDurationUs(text);
  if (us === 0) throw new InvalidArgumentError('It must be above 0, such as 90s, 250ms or 1m30s.');
  if (us !== undefined) return text.trim();
  throw new InvalidArgumentError('It must be a duration with a unit, such as 90s, 250ms or 1m30s.');
}

export function durationUs(text: string): number {
  return parseDurationUs(durationText(text)) as number;
}

/** Runs by their names: one, or several with commas; repeatable. */
export const runNames = repeatable((text: string, before: readonly string[] = []): readonly string[] => {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return [...before, ...names];
  throw new InvalidArgumentError('It must be names of baselines, runs or files, with a comma between two of them.');
});

/** Hashes of plugins: 64 hexadecimal digits each, with or without `sha256:` before them. */
export const pluginHashes = repeatable((text: string, before: readonly string[] = []) => {
  const [, sha256] = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(text.trim()) ?? [];
  if (sha256 !== undefined) return [...before, sha256.toLowerCase()];
  throw new InvalidArgumentError('It must be a SHA-256: 64 hexadecimal digits, as the refusal of a plugin names it.');
});

/** `host:port`, `[::1]:port` for IPv6. */
export function address(text: string): string {
  const match = /^(?:\[[0-9a-f:.%]+\]|[^\s:/]+):(\d{1,5})$/i.exec(text.trim());
  const port = Number(match?.[1] ?? 0);
  if (port >= 1 && port <= 65_535) return text.trim();
  throw new InvalidArgumentError('It must be host:port, such as 127.0.0.1:7070.');
}

/** `host:port` to listen on; port 0 takes a free one. */
export function listenAddress(text: string): string {
  if (/:0$/.test(text.trim())) return address(`${text.trim().slice(0, -1)}1`).replace(/1$/, '0');
  return address(text);
}

/** Whether a text has the form of an invitation's token. The tokens of control itself have another form. */
export function isInvitationToken(text: string): boolean {
  return /^[0-9a-z]{6}\.[0-9a-z]{32}$/.test(text);
}

/** The token of an invitation, as `bench control invite` prints it. */
export function token(text: string): string {
  if (isInvitationToken(text.trim())) return text.trim();
  throw new InvalidArgumentError('It must be the token of an invitation: 6 letters or digits, a dot, and 32 more.');
}

export function authorityHash(text: string): string {
  if (/^sha256:[0-9a-f]{64}$/i.test(text.trim())) return text.trim().toLowerCase();
  throw new InvalidArgumentError('It must be sha256: and 64 hexadecimal digits, as in the invitation.');
}

/** `name=value`, or several with commas; repeatable. */
export const labels = repeatable((text: string, previous: Readonly<Record<string, string>> = {}) => {
  const pairs = text.split(',').map((pair) => /^\s*([\w.-]{1,80})=([\w.-]{1,80})\s*$/.exec(pair));
  const all = { ...previous };
  for (const pair of pairs) {
    const [, name, value] = pair ?? [];
    if (name === undefined || value === undefined) {
      throw new InvalidArgumentError('A label is name=value, of letters, digits and . _ -, such as region=eu.');
    }
    all[name] = value;
  }
  return all;
});

/** `name=value`; repeatable. A value may hold any character, commas too. */
export const params = repeatable((text: string, previous: Readonly<Record<string, string>> = {}) => {
  const equals = text.indexOf('=');
  const name = text.slice(0, equals).trim();
  if (equals < 0 || name === '') throw new InvalidArgumentError('It must be name=value, such as users=50.');
  if (Object.hasOwn(previous, name)) throw new InvalidArgumentError(`${name} is given twice: give it once.`);
  return { ...previous, [name]: text.slice(equals + 1) };
});

/** @returns a share from 0 to 1 */
export function percentage(text: string): number {
  const share = /^\d+(\.\d+)?%$/.test(text.trim()) ? Number.parseFloat(text) / 100 : Number.NaN;
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('It must be a percentage from 0% to 100%, such as 2%.');
}

/** A certificate that did not come from an invitation. */
export function credentialsFlag(): Option {
  return flag(
    '--credentials <folder>',
    'folder with ca.pem, cert.pem and cert.key (default: the ones of an invitation)',
  );
}

/** For commands that call a control. The token itself is no flag: others can see the arguments of a process. */
export function tokenFileFlag(): Option {
  return flag(
    '--token-file <file>',
    'file with the token of a control without TLS (default: the one that control left for this user)',
  );
}

export function targetUrl(text: string): string {
  if (URL_WITH_REFERENCES.test(text.trim())) return text.trim();
  throw new InvalidArgumentError(`It must be a URL such as http://127.0.0.1:5002.`);
}

/** The language of reports and of the result that is printed. */
export function languageFlag(): Option {
  return flag('--lang <language>', 'language of the reports and the conclusion').choices(LANGUAGES);
}

/** Who may read the reports; CI services often read them as another user. */
export function reportAccessFlag(): Option {
  return flag('--report-access <who>', 'who may read the reports')
    .choices(['owner', 'group', 'everyone'] satisfies ReportAccess[])
    .default('owner' satisfies ReportAccess);
}

/** One stage as on k6's command line: a duration and the virtual users at its end. */
export interface StageFlag {
  readonly duration: string;
  readonly target: number;
}

/** `10s:50`, or several with commas; repeatable. */
export const stages = repeatable((text: string, previous: readonly StageFlag[] = []): readonly StageFlag[] => [
  ...previous,
  ...text.split(',').map(stage),
]);

function stage(text: string): StageFlag {
  const match = /^\s*([^:]+):(\d+)\s*$/.exec(text);
  const duration = match?.[1]?.trim() ?? '';
  const target = Number(match?.[2]);
  const durationIsGood = parseDurationUs(duration) !== undefined;
  if (durationIsGood && target <= 1_000_000) return { duration, target };
  throw new InvalidArgumentError('A stage is duration:virtual-users, such as 10s:50.');
}

/** A report to write. Without a path it goes into the folder of the run. */
export interface ReportFlag {
  readonly use: string;
  readonly path?: string;
}

/** `name` or `name=path`, or several with commas; repeatable. */
export const reports = repeatable((text: string, previous: readonly ReportFlag[] = []): readonly ReportFlag[] => [
  ...previous,
  ...text.split(',').map(report),
]);

function report(text: string): ReportFlag {
  const equals = text.indexOf('=');
  const use = (equals < 0 ? text : text.slice(0, equals)).trim();
  const path = equals < 0 ? undefined : text.slice(equals + 1).trim();
  if (use === '' || path === '') {
    throw new InvalidArgumentError('It must be the name of a report, or name=path, such as junit=out/junit.xml.');
  }
  return path === undefined ? { use } : { use, path };
}

/** An output beside those of the plan. */
export interface OutToFlag {
  readonly use: string;
  /** Its option of this name; its other options stand in a plan. */
  readonly url?: string;
}

/** `name` or `name=url`; repeatable. A URL may hold commas and equals signs. */
export const outputs = repeatable((text: string, previous: readonly OutToFlag[] = []): readonly OutToFlag[] => {
  const equals = text.indexOf('=');
  const use = (equals < 0 ? text : text.slice(0, equals)).trim();
  const url = equals < 0 ? undefined : text.slice(equals + 1).trim();
  if (use === '' || url === '') {
    throw new InvalidArgumentError(
      'It must be the name of an output, or name=url, such as webhook=https://hooks.example/bench.',
    );
  }
  if (previous.some((other) => other.use === use)) {
    throw new InvalidArgumentError(`${use} is given twice: give it once, or name both in the plan.`);
  }
  return [...previous, url === undefined ? { use } : { use, url }];
});

/** @param what for the help */
export function outToFlag(what: string): Option {
  return flag('--out-to <name[=url]>', `${what}; repeatable`).argParser(outputs);
}

/**
 * Refuses a flag that would be ignored. A variable in the environment is not refused: it may be meant for other commands.
 * @param name as commander keeps its value, such as `agentLabel`
 * @param why how the sentence goes on after the flag
 * @throws {CommandError} when the flag is on the command line
 */
export function refuseUnused(command: Command, name: string, why: string): void {
  if (command.getOptionValueSource(name) !== 'cli') return;
  const long = command.options.find((option) => option.attributeName() === name)?.long;
  throw new CommandError(`${long} ${why}`, EXIT.invalidInput);
}
