import { Command, CommanderError, type Option } from 'commander';
import { VERSION } from '../version.ts';
import { CommandError, errorReport } from './command-error.ts';
import { addAgent, runAgentCommand } from './commands/agent.ts';
import { addAgents, runAgents } from './commands/agents.ts';
import { addPause, addResume, addSet, addStop, runPause, runSet, runStop } from './commands/change-run.ts';
import { addCheck, runCheck } from './commands/check.ts';
import { addCleanup, runCleanup } from './commands/cleanup.ts';
import { addControl, runControl } from './commands/control.ts';
import { addControlSecurity } from './commands/control-security.ts';
import { addDemo, runDemo } from './commands/demo.ts';
import { addDoctor, addNoopTarget, runDoctor, runNoopTarget } from './commands/doctor.ts';
import { addFindMax, runFindMax } from './commands/find-max.ts';
import { addHealth, runHealth } from './commands/health.ts';
import { addHttp, runHttp } from './commands/http.ts';
import { addImport } from './commands/import.ts';
import { addInit, runInit } from './commands/init.ts';
import { addJoin, runJoin } from './commands/join.ts';
import { addPlugins } from './commands/plugins.ts';
import { addPrepare, runPrepare } from './commands/prepare.ts';
import { addBaseline } from './commands/results/baseline.ts';
import { addCompare, runCompare } from './commands/results/compare.ts';
import { addMachines, runMachines } from './commands/results/machines.ts';
import { addReport, runReport } from './commands/results/report.ts';
import { addRun, runRun } from './commands/run.ts';
import { addDelete, addRuns, runDelete, runRuns } from './commands/runs.ts';
import { addTarget, runTarget } from './commands/target.ts';
import { addWatch, runWatch } from './commands/watch.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { isRepeatable } from './flags/flags.ts';
import type { Output } from './output.ts';
import { isOneFile } from './processes/own-program.ts';

/** Flags of k6, Locust, wrk and hey that have another name here. */
const ELSEWHERE: readonly (readonly [flags: RegExp, hint: string])[] = [
  [/^(-e|--env)$/, 'a value for the plan is --param name=value'],
  [/^(-i|--iterations)$/, 'passes are counted by the executors shared-iterations and per-vu-iterations of a plan'],
  [/^(-t|-z|--run-time)$/, 'how long the load lasts is --duration 5m'],
  [/^(--users|--connections)$/, 'virtual users are --vus'],
  [/^(--headless|--autostart|--latency|-q|--quiet)$/, 'leave it out: it is so anyway'],
  [/^(--csv|--html|--summary-export)$/, 'a file is --report csv, html or json'],
  [/^(-f|--locustfile)$/, 'the plan stands without a flag: bench run plan.yaml'],
];

/** Values of an environment variable that switch a flag off, such as `BENCH_DROP=0`. */
const OFF = ['0', 'false', 'no', 'off'];

/**
 * Runs one command line to its end.
 * @param argv the words after the program's name
 * @param env flags that come as `BENCH_…`; those that set nothing are removed from it
 */
export async function runCli(argv: readonly string[], output: Output, env: NodeJS.ProcessEnv): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.pass;
  const program = createProgram(output, (code) => {
    exitCode = code;
  });
  removeUnset(program, env);
  if (isOneFile) await bundlePlugins();
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 || argv.length === 0 ? EXIT.pass : EXIT.invalidInput;
    output.problem(errorReport(error));
    return error instanceof CommandError ? error.exitCode : EXIT.error;
  }
}

/** The one executable can import a file of the user, but no package that the file imports. */
async function bundlePlugins(): Promise<void> {
  const { bundleBeforeImport } = await import('../../plugins/loader/load.ts');
  bundleBeforeImport(async (file, folder) => {
    const { bundleModule } = await import('./bundle/bundle-module.ts');
    return bundleModule(file, folder);
  });
}

/** All commands. The code of a command is imported only when it is called. */
export function createProgram(output: Output, exitWith: (code: ExitCode) => void): Command {
  const program = new Command('bench')
    .description('A load-testing toolkit whose numbers can be trusted.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride()
    // So that `--port` in `bench control invite --port` belongs to `invite`.
    .enablePositionalOptions()
    .configureHelp({ sortSubcommands: false, optionDescription: describedOption })
    .configureOutput({
      writeOut: output.write,
      writeErr: (text) => output.problem(text.trimEnd()),
      getOutHelpWidth: output.columns,
      getErrHelpWidth: output.columns,
      outputError: (text, write) => write(`bench: ${flagProblem(text)}`),
    })
    .addHelpText(
      'after',
      `
Start here:
  bench demo                       run a complete example, in about a minute
  bench http http://host/path      load one address
  bench init plan                  write a small plan to start from
  bench run plan.yaml              run a plan on this host
  bench run --help                 show the flags of a command, with examples

Every flag can also be given as an environment variable, for example BENCH_AGENTS_TIMEOUT for --agents-timeout.
Exit codes: 0 passed, 99 a threshold failed or something got worse, 104 the plan, a flag or a file is wrong, 105 stopped early,
120 the measurement cannot be trusted, 1 anything else.`,
    );
  const does =
    <Flags>(run: (flags: Flags, output: Output) => Promise<ExitCode>) =>
    async (flags: Flags) =>
      exitWith(await run(flags, output));
  addRun(program.command('run'), async (plan, flags) => exitWith(await runRun(plan, flags, output)));
  addFindMax(program.command('find-max'), async (plan, flags) => exitWith(await runFindMax(plan, flags, output)));
  addHttp(program.command('http'), async (url, flags) => exitWith(await runHttp(url, flags, output)));
  addCheck(program.command('check'), async (plan, flags) => exitWith(await runCheck(plan, flags, output)));
  addPrepare(program.command('prepare'), async (plan, flags) => exitWith(await runPrepare(plan, flags, output)));
  addImport(program.command('import'), output, exitWith);
  addInit(program.command('init'), async (what, name, flags) => exitWith(await runInit(what, name, flags, output)));
  addDemo(program.command('demo'), does(runDemo));
  addTarget(program.command('target'), does(runTarget));
  const control = program.command('control').enablePositionalOptions();
  addControl(control, does(runControl));
  addControlSecurity(control, output, exitWith);
  addAgent(program.command('agent'), does(runAgentCommand));
  addJoin(program.command('join'), async (at, flags) => exitWith(await runJoin(at, flags, output)));
  addRuns(program.command('runs'), does(runRuns));
  addDelete(program.command('delete'), async (runIds, flags) => exitWith(await runDelete(runIds, flags, output)));
  addAgents(program.command('agents'), does(runAgents));
  addHealth(program.command('health'), does(runHealth));
  addWatch(program.command('watch'), async (run, flags) => exitWith(await runWatch(run, flags, output)));
  addStop(program.command('stop'), async (run, flags) => exitWith(await runStop(run, flags, output)));
  addSet(program.command('set'), async (run, flags) => exitWith(await runSet(run, flags, output)));
  addPause(program.command('pause'), async (run, flags) => exitWith(await runPause('pause', run, flags, output)));
  addResume(program.command('resume'), async (run, flags) => exitWith(await runPause('resume', run, flags, output)));
  addReport(program.command('report'), async (run, flags) => exitWith(await runReport(run, flags, output)));
  addCompare(program.command('compare'), async (runs, flags) => exitWith(await runCompare(runs, flags, output)));
  addMachines(program.command('machines'), async (runs, flags) => exitWith(await runMachines(runs, flags, output)));
  addBaseline(program.command('baseline').enablePositionalOptions(), output, exitWith);
  addCleanup(program.command('cleanup'), async (run, flags) => exitWith(await runCleanup(run, flags, output)));
  addPlugins(program.command('plugins'), output, exitWith);
  addDoctor(program.command('doctor'), does(runDoctor));
  addNoopTarget(program.command('noop-target', { hidden: true }), does(runNoopTarget));
  refuseRepeatedFlags(program);
  return program;
}

/** What commander says of a command line, on one line. */
function flagProblem(text: string): string {
  const problem = text.replace(/^error: /, '').replace(/\n\(Did/, ' (Did');
  const [, unknown = ''] = /^unknown option '([^'=]+)/.exec(problem.trim()) ?? [];
  const hint = ELSEWHERE.find(([flags]) => flags.test(unknown))?.[1];
  return hint === undefined ? problem : `unknown option '${unknown}': ${hint}\n`;
}

/** The names of variables are left out: one sentence says how they follow from the flags. */
function describedOption({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const isSwitch = defaultValue === undefined || typeof defaultValue === 'boolean';
  const more = [
    ...(argChoices === undefined ? [] : [argChoices.join(', ')]),
    ...(isSwitch ? [] : [`default: ${defaultValueDescription ?? String(defaultValue)}`]),
  ];
  return more.length === 0 ? description : `${description} (${more.join('; ')})`;
}

/** Removes variables that set nothing: those that are empty, and those that say "no" to a switch. */
function removeUnset(program: Command, env: NodeJS.ProcessEnv): void {
  for (const command of allCommands(program)) {
    for (const option of command.options) {
      const value = option.envVar === undefined ? undefined : env[option.envVar]?.trim().toLowerCase();
      if (option.envVar === undefined || value === undefined) continue;
      if (value === '' || (option.isBoolean() && OFF.includes(value))) delete env[option.envVar];
    }
  }
}

/** One of two values would be ignored silently. Flags that take many values collect them instead. */
function refuseRepeatedFlags(program: Command): void {
  for (const command of allCommands(program)) {
    for (const option of command.options) {
      if (option.isBoolean() || isRepeatable(option)) continue;
      let isGiven = false;
      command.on(`option:${option.name()}`, () => {
        if (isGiven) throw new CommandError(`${option.long} is given twice: give it once.`, EXIT.invalidInput);
        isGiven = true;
      });
    }
  }
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}
