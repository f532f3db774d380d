import process from 'node:process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_AGENTS_TIMEOUT_US, DEFAULT_LOSS_TOLERANCE } from '../../agent-limits.ts';
import { EXACT_NUMBER_HINT } from '../../plan/plain-data.ts';
import { repeatedKey } from '../../text/exact-json.ts';
import { inexactNumber } from '../../text/exact-number.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { ReportAccess } from '../files/report-path.ts';
import { DEFAULT_STORE } from '../files/store-location.ts';
import {
  durationText,
  flag,
  languageFlag,
  type ReportFlag,
  repeatable,
  reportAccessFlag,
  reports,
  wholeNumber,
} from '../flags/flags.ts';
import type { Output } from '../output.ts';
import type { HttpPlanFlags } from '../plans/http-plan.ts';
import { withLifetime } from '../processes/lifetime.ts';

interface HttpFlags extends HttpPlanFlags {
  readonly agents: number;
  readonly printPlan?: boolean;
  readonly report?: readonly ReportFlag[];
  readonly out?: string;
  readonly reportAccess: ReportAccess;
  readonly lang?: Lang;
  readonly store: string;
}

/** The flags that describe the request are not read from the environment: they belong to one request, not to a host. */
export function addHttp(command: Command, run: (url: string, flags: HttpFlags) => Promise<void>): void {
  command
    .description('load one address without a plan')
    .argument('<url>', 'such as http://127.0.0.1:5002/health')
    .optionsGroup('Load:')
    .addOption(
      new Option('-c, --connections <number>', 'number of connections, each with one request at a time')
        .default(50)
        .argParser(wholeNumber(1, 1_000_000)),
    )
    .addOption(new Option('-d, --duration <time>', 'duration of the load (default: 10s)').argParser(durationText))
    .addOption(
      new Option('-n, --requests <number>', 'number of requests, instead of a duration').argParser(
        wholeNumber(1, 1_000_000_000),
      ),
    )
    .addOption(
      new Option('-q, --rate <per second>', 'requests per second, even if answers are late').argParser(perSecond),
    )
    .addOption(
      new Option('--warmup <time>', 'load before the measurement, which does not count').argParser(durationText),
    )
    .optionsGroup('Request:')
    .addOption(new Option('-X, --method <method>', 'HTTP method (default: GET, or POST with a body)'))
    .addOption(new Option('-H, --header <name: value>', 'header of the request; repeatable').argParser(header))
    .addOption(new Option('--json <text>', 'JSON body; its strings may contain placeholders').argParser(json))
    .addOption(new Option('--body <text>', `text body; may contain placeholders such as \${uuid}`))
    .addOption(new Option('--body-file <file>', 'file with the body, sent as it is'))
    .addOption(new Option('--http2', 'use HTTP/2 instead of HTTP/1.1'))
    .addOption(new Option('-k, --insecure', 'accept any certificate'))
    .addOption(
      new Option('-t, --timeout <time>', 'how long to wait for an answer (default: 30s)').argParser(timeoutText),
    )
    .optionsGroup('Results:')
    .addOption(
      new Option('--threshold <criterion>', "criterion to pass, such as 'p95 < 50ms'; repeatable").argParser(many),
    )
    .addOption(new Option('--print-plan', 'print the plan for this load instead of running it'))
    .addOption(
      flag('--agents <number>', 'number of agent processes; each uses one core')
        .default(1)
        .argParser(wholeNumber(1, 256)),
    )
    .addOption(new Option('-o, --out <folder>', 'folder for the reports'))
    .addOption(new Option('--report <name[=path]>', 'report to write; repeatable').argParser(reports))
    .addOption(reportAccessFlag())
    .addOption(languageFlag())
    .addOption(flag('--store <file|url>', 'where the run is stored').default(DEFAULT_STORE))
    .addHelpText(
      'after',
      `
Examples:
  bench http http://127.0.0.1:5002/health
  bench http http://127.0.0.1:5002/health -c 100 -d 30s --threshold 'p95 < 50ms'
  bench http http://127.0.0.1:5002/orders -n 10000 --json '{"item": "\${uuid}"}'
  bench http http://127.0.0.1:5002/health --rate 2000 -c 200
  bench http http://127.0.0.1:5002/health --print-plan > plan.yaml`,
    )
    .action(run);
}

export async function runHttp(url: string, flags: HttpFlags, output: Output): Promise<ExitCode> {
  const { httpPlan } = await import('../plans/http-plan.ts');
  const { checkedPlan } = await import('../plans/checked-plan.ts');
  const input = httpPlan(url, flags);
  const plan = await checkedPlan(
    { file: 'The request', baseDirectory: process.cwd(), source: input, lineOf: () => undefined },
    {},
  );
  if (flags.printPlan) {
    const { default: yaml } = await import('yaml');
    output.write(yaml.stringify(input, { lineWidth: 0 }));
    return 0;
  }
  const { planReports } = await import('../files/report-files.ts');
  const { executeLocally } = await import('../client/execution.ts');
  const { latencyHistogram } = await import('../view/latency-histogram.ts');
  const written = await planReports(flags.report ?? [], process.cwd(), flags);
  const execution = {
    plan,
    reports: written,
    lang: flags.lang,
    closing: latencyHistogram,
    agents: {
      agentsTimeoutUs: DEFAULT_AGENTS_TIMEOUT_US,
      onAgentLoss: 'rebalance' as const,
      lossTolerance: DEFAULT_LOSS_TOLERANCE,
      elastic: false,
      agentLabels: {},
    },
  };
  return withLifetime(false, (lifetime) =>
    executeLocally({ agents: flags.agents, store: flags.store, web: undefined }, execution, output, lifetime),
  );
}

const header = repeatable((text: string, previous: Readonly<Record<string, string>> = {}) => {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/s.exec(text) ?? [];
  const twice = Object.keys(previous).find((other) => other.toLowerCase() === name?.toLowerCase());
  if (twice !== undefined) {
    throw new InvalidArgumentError(
      `The header ${twice} is given twice. Write all of its values in one, such as 'Cookie: a=1; b=2'.`,
    );
  }
  if (name !== undefined && value !== undefined) return { ...previous, [name]: value };
  throw new InvalidArgumentError("It must be name: value, such as 'Accept: text/html'.");
});

function json(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON (${(error as Error).message}).`);
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) throw new InvalidArgumentError(`The key "${twice.key}" occurs twice in one object.`);
  const number = inexactNumber(text);
  if (number === undefined) return value;
  throw new InvalidArgumentError(`${number} would be sent as ${Number(number)}: ${EXACT_NUMBER_HINT} of a plan.`);
}

/** wrk takes its number of threads by this flag. */
function timeoutText(text: string): string {
  if (!/^\d+$/.test(text)) return durationText(text);
  throw new InvalidArgumentError('It must be a duration with a unit, such as 5s; what wrk calls threads is --agents.');
}

function perSecond(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0: requests per second.');
}

const many = repeatable((text: string, previous: readonly string[] = []): readonly string[] => [...previous, text]);
