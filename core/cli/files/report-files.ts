import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import process from 'node:process';
import { BenchError, errorMessage, unexpectedStack } from '../../error.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import type { ReportFile, ReportPlugin } from '../../plugin.ts';
import type { RunResult } from '../../stats/result.ts';
import { reasonOf } from '../../text/system-reason.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { ReportFlag } from '../flags/flags.ts';
import { type ReportAccess, reportPlace, writeReport } from './report-path.ts';

/** A report as a plan names it, or as the command line does. */
export type WantedReport = ParsedPlan['reports'][number] | ReportFlag;

/** Reports whose plugins and folders have been looked at, so that a run is not made in vain. */
export interface PlannedReports {
  readonly reports: readonly PlannedReport[];
  /** Undefined: a folder named after the run. */
  readonly folder: string | undefined;
  readonly access: ReportAccess;
}

interface PlannedReport {
  readonly name: string;
  readonly plugin: ReportPlugin;
  readonly options: unknown;
  /** A file, or a folder, of its own. */
  readonly path: string | undefined;
}

export interface WrittenReports {
  /** As paths from the working folder where they are inside it. */
  readonly written: readonly string[];
  /** What could not be made or written, a sentence each. */
  readonly problems: readonly string[];
}

const DEFAULT_FOLDER = 'bench-reports';

/** What the command line says about all reports. */
export interface ReportSettings {
  /** The folder of reports without a path of their own. */
  readonly out?: string | undefined;
  readonly lang?: Lang | undefined;
  readonly reportAccess: ReportAccess;
}

/**
 * Loads the reports and looks whether their places can be written.
 * @param baseDirectory folder that paths of report plugins are relative to
 * @throws {CommandError} with all that is wrong
 */
export async function planReports(
  wanted: readonly WantedReport[],
  baseDirectory: string,
  { out: folder, lang, reportAccess: access }: ReportSettings,
): Promise<PlannedReports> {
  const { loadReport } = await import('../plans/load-report.ts');
  const problems: string[] = [];
  const reports: PlannedReport[] = [];
  for (const entry of wanted) {
    const {
      use: name,
      options = {},
      path = undefined,
    }: { use: string; options?: unknown; path?: string } = typeof entry === 'string' ? { use: entry } : entry;
    try {
      const plugin = await loadReport(name, baseDirectory);
      const checked = await validated(plugin, options, lang);
      if (checked.issues)
        throw new Error(`report "${name}": ${checked.issues.map(({ message }) => message).join('; ')}`);
      reports.push({ name, plugin, options: checked.value, path });
    } catch (error) {
      problems.push(errorMessage(error));
    }
  }
  const paths = await checkedPaths(reports);
  problems.push(...paths.problems);
  for (const place of new Set([folder ?? DEFAULT_FOLDER, ...paths.folders]))
    problems.push(...(await folderProblems(place)));
  if (problems.length > 0) throw new CommandError(problems.join('\n'), EXIT.invalidInput);
  return { reports, folder, access };
}

/**
 * Where reports with a path go. Two in one file are a problem: the later would be all that is left. A folder takes many,
 * and so does a device or FIFO.
 */
async function checkedPaths(reports: readonly PlannedReport[]) {
  const folders: string[] = [];
  const problems: string[] = [];
  const taken = new Map<string, string>();
  for (const { name, path } of reports) {
    if (path === undefined) continue;
    const place = await reportPlace(path).catch((error: unknown) => {
      problems.push(`The report ${name} cannot be written: ${errorMessage(error)}.`);
    });
    if (place === undefined || place.isStream) continue;
    const { file } = place;
    // As it was given, for messages.
    folders.push(file === resolve(path) ? dirname(path) : dirname(file));
    if (await isFolder(path)) continue;
    const other = taken.get(file);
    if (other !== undefined) {
      problems.push(
        `--report: ${other} and ${name} would both be written to ${path}: give each a file of its own, or a folder with a / at its end.`,
      );
    }
    taken.set(file, name);
  }
  return { folders, problems };
}

/** Not every report knows languages; one that does takes the wish, if its options do not say otherwise. */
async function validated(plugin: ReportPlugin, options: unknown, lang: Lang | undefined) {
  const { validate } = plugin.options['~standard'];
  const spoken = lang === undefined ? undefined : await validate({ lang, ...(options as object) });
  return spoken === undefined || spoken.issues ? validate(options) : spoken;
}

/** Renders and writes one report after the other; what goes wrong with one does not keep the others back. */
export async function writeReports(
  result: RunResult,
  { reports, folder, access }: PlannedReports,
): Promise<WrittenReports> {
  const written: string[] = [];
  const problems: string[] = [];
  const common = folder ?? join(DEFAULT_FOLDER, result.runId);
  for (const { name, plugin, options, path } of reports) {
    try {
      const files = plugin.render(result, options);
      for (const [place, { content }] of await places(files, common, path)) {
        await writeReport(await reportPlace(place), content, access).catch((error: unknown) => {
          throw new BenchError('report_failed', `${shownPath(place)}: ${reasonOf(error)}`, { cause: error });
        });
        written.push(shownPath(place));
      }
    } catch (error) {
      problems.push(
        [`The report ${name} could not be written: ${errorMessage(error)}`, unexpectedStack(error)]
          .filter(Boolean)
          .join('\n'),
      );
    }
  }
  return { written, problems };
}

async function places(
  files: readonly ReportFile[],
  common: string,
  path: string | undefined,
): Promise<[string, ReportFile][]> {
  const isOneFile = path !== undefined && files.length === 1 && !(await isFolder(path));
  return files.map((file) => [isOneFile ? resolve(path) : resolve(path ?? common, file.name), file]);
}

async function isFolder(path: string): Promise<boolean> {
  if (path.endsWith('/') || path.endsWith(sep)) return true;
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** Looks at the nearest folder that is there: what is missing below it can be made if it can be written. */
async function folderProblems(folder: string): Promise<string[]> {
  const traps = await reportPlace(folder).then(
    () => [],
    (error: unknown) => [`The report folder ${folder} cannot be used: ${errorMessage(error)}.`],
  );
  if (traps.length > 0) return traps;
  for (let place = resolve(folder); ; place = dirname(place)) {
    const found = await stat(place).catch(() => undefined);
    if (found === undefined && place !== dirname(place)) continue;
    const reason = found?.isDirectory() ? await reasonUnwritable(place) : `${place} is no folder`;
    return reason === undefined
      ? []
      : [`The report folder ${folder} cannot be written (${reason}): name another with --out.`];
  }
}

async function reasonUnwritable(folder: string): Promise<string | undefined> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => undefined,
    () => `${folder} is not open to this user`,
  );
}

function shownPath(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith('..') ? file : fromHere;
}
