import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import process from 'node:process';
import { BenchError, errorMessage, unexpectedStack } from '../../error.ts';
import { formatProblem, optionProblems } from '../../plan/problem.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import type { ReportFile, ReportPlugin } from '../../plugin.ts';
import { type CallPlugin, callWithoutLimit } from '../../plugin-call.ts';
import type { RunResult } from '../../stats/result.ts';
import { reasonOf } from '../../text/system-reason.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { ReportFlag } from '../flags/flags.ts';
import { callingPlugins } from '../plugins/plugin-calls.ts';
import { type ReportAccess, reportPlace, writeReport } from './report-path.ts';

/** A report as it is named in a plan or on the command line. */
export type WantedReport = ParsedPlan['reports'][number] | ReportFlag;

/** Reports whose names and paths were checked before they are made, so that no run is wasted. */
export interface PlannedReports<Subject = RunResult> {
  readonly reports: readonly PlannedReport<Subject>[];
  /** Folder of reports without a path of their own. */
  readonly folderOf: (subject: Subject) => string;
  readonly access: ReportAccess;
}

export interface PlannedReport<Subject = RunResult> {
  readonly name: string;
  readonly render: (subject: Subject) => readonly ReportFile[] | Promise<readonly ReportFile[]>;
  /** The file or folder that was named for this report. */
  readonly path: string | undefined;
}

export interface WrittenReports {
  /** Paths of the files; relative to the working folder where they are inside it. */
  readonly written: readonly string[];
  /** What could not be rendered or written, one sentence each. */
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
 * Loads the reports and checks whether their paths can be written.
 * @param baseDirectory folder that paths of report plugins are relative to
 * @throws {CommandError} that lists all problems
 */
export async function planReports(
  wanted: readonly WantedReport[],
  baseDirectory: string,
  settings: ReportSettings,
): Promise<PlannedReports> {
  const { loadReport } = await import('../plugins/load-plugin.ts');
  const problems: string[] = [];
  const reports: PlannedReport[] = [];
  for (const entry of wanted) {
    const {
      use: name,
      options = {},
      path = undefined,
    }: { use: string; options?: unknown; path?: string } = typeof entry === 'string' ? { use: entry } : entry;
    try {
      const { plugin, checked } = await callingPlugins(async (calls) => {
        const load = () => loadReport(name, baseDirectory);
        const plugin = await calls.watch({ kind: 'report', use: name }, 'the module', load);
        return { plugin, checked: await reportOptions(name, plugin, options, settings.lang, calls.call) };
      });
      if (checked.issues === undefined) {
        const { value } = checked;
        reports.push({ name, render: (result) => plugin.render(result, value), path });
      } else {
        const wrong = optionProblems('options', checked.issues).map(formatProblem);
        problems.push(`report "${name}": ${wrong.join('; ')}`);
      }
    } catch (error) {
      problems.push(errorMessage(error));
    }
  }
  return placeReports(reports, problems, ({ runId }) => runId, settings);
}

/**
 * Checks whether the paths of reports can be written.
 * @param problems what is wrong with the reports already
 * @param nameOf the folder of reports without a path of their own, in the common folder
 * @throws {CommandError} that lists all problems
 */
export async function placeReports<Subject>(
  reports: readonly PlannedReport<Subject>[],
  problems: readonly string[],
  nameOf: (subject: Subject) => string,
  { out: folder, reportAccess: access }: ReportSettings,
): Promise<PlannedReports<Subject>> {
  const paths = await checkedPaths(reports);
  const all = [...problems, ...paths.problems];
  for (const place of new Set([folder ?? DEFAULT_FOLDER, ...paths.folders])) all.push(...(await folderProblems(place)));
  if (all.length > 0) throw new CommandError(all.join('\n'), EXIT.invalidInput);
  return { reports, folderOf: (subject) => folder ?? join(DEFAULT_FOLDER, nameOf(subject)), access };
}

/**
 * The folders of reports with a path. Two reports in one file are a problem, because the second would replace the first.
 * A folder can hold many reports, and a device or FIFO can take many.
 */
async function checkedPaths(reports: readonly Pick<PlannedReport, 'name' | 'path'>[]) {
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
    // Messages show the path as the user wrote it.
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

/** Not every report has a language. One that has takes that of the command line, unless its options name another. */
export async function reportOptions(
  use: string,
  plugin: ReportPlugin,
  options: unknown,
  lang: Lang | undefined,
  call: CallPlugin = callWithoutLimit,
) {
  const validate = (given: unknown) =>
    call({ kind: 'report', use }, 'options.validate', () => plugin.options['~standard'].validate(given));
  const spoken = lang === undefined ? undefined : await validate({ lang, ...(options as object) });
  return spoken === undefined || spoken.issues ? validate(options) : spoken;
}

/** Renders and writes the reports one after the other. If one fails, the others are still written. */
export async function writeReports<Subject>(
  subject: Subject,
  { reports, folderOf, access }: PlannedReports<Subject>,
): Promise<WrittenReports> {
  const written: string[] = [];
  const problems: string[] = [];
  const common = folderOf(subject);
  for (const { name, render, path } of reports) {
    try {
      const files = await render(subject);
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

/** Checks the nearest folder that exists: folders that are missing below it can be made if it can be written. */
async function folderProblems(folder: string): Promise<string[]> {
  const traps = await reportPlace(folder).then(
    () => [],
    (error: unknown) => [`The report folder ${folder} cannot be used: ${errorMessage(error)}.`],
  );
  if (traps.length > 0) return traps;
  for (let place = resolve(folder); ; place = dirname(place)) {
    const found = await stat(place).catch(() => undefined);
    if (found === undefined && place !== dirname(place)) continue;
    const reason = found?.isDirectory() ? await reasonUnwritable(place) : `${place} is not a folder`;
    return reason === undefined
      ? []
      : [`The report folder ${folder} cannot be written (${reason}): name another with --out.`];
  }
}

async function reasonUnwritable(folder: string): Promise<string | undefined> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => undefined,
    () => `this user may not write to ${folder}`,
  );
}

function shownPath(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith('..') ? file : fromHere;
}
