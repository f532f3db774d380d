import { processLookup } from '../core/environment.ts';
import { parsePlan } from '../core/plan/parse.ts';
import { resolvePlan } from '../core/plan/resolve.ts';
import { filledPlan, paramValues, resolveSecrets } from '../core/plan/secrets.ts';
import type { DriverPlugin } from '../core/plugin.ts';
import type { CallPlugin } from '../core/plugin-call.ts';
import type { ScriptSource } from '../core/script/script-source.ts';
import type { SecretFiles } from '../core/secret-files.ts';
import { JSON_WEB_TOKEN } from '../core/secrets/credentials.ts';
import type { SecretMask } from '../core/secrets/secret-mask.ts';
import {
  MAX_NAME_LENGTH,
  MAX_VOID_REASON,
  type RatioWindow,
  type RowFigures,
  type ScriptWindow,
  type Window,
} from '../core/stats/window.ts';
import type { Assignment } from '../proto/gen/bench/v1/agent_pb.ts';
import { shareFromMessage } from '../proto/load-change-codec.ts';
import type { EngineOptions } from './engine/engine.ts';
import { MAX_EXAMPLE_LENGTH } from './engine/operation-slot.ts';

/** Where an agent finds what plans name. */
export interface PlanSources {
  readonly loadDriver: LoadDriverFrom;
  /** Undefined where plans have no scripts. */
  readonly scripts?: ScriptSource | undefined;
  /** Default: a function of a plugin may take as long as it likes. */
  readonly callPlugin?: CallPlugin | undefined;
  /** The plugin whose code a stack leads through, such as `driver "./x.ts"`. Undefined where nobody knows. */
  readonly pluginIn?: ((stack: string) => string | undefined) | undefined;
}

export type LoadDriverFrom = (reference: string, baseDirectory: string) => Promise<DriverPlugin>;

/** What an assignment asks an agent to generate. */
export interface PlannedLoad
  extends Pick<EngineOptions, 'runId' | 'plan' | 'share' | 'baseDirectory' | 'openData' | 'params'> {
  /** Hides what the plan's references to variables and files of this host stand for. */
  readonly mask: SecretMask;
}

/**
 * Reads the plan of an assignment, loads its drivers and scripts, and fills in the secrets of this host.
 * @param files which files the plan may name as secrets
 * @param folder from which what the plan names is found here
 * @throws {PlanError} when the plan cannot be used here
 */
export async function plannedLoad(
  assignment: Assignment,
  { loadDriver, scripts, callPlugin }: PlanSources,
  files: SecretFiles,
  folder: string,
): Promise<PlannedLoad> {
  const parsed = parsePlan(JSON.parse(assignment.plan?.json ?? 'null'));
  const plan = await resolvePlan(
    parsed,
    (reference) => loadDriver(reference, folder),
    scripts && ((reference) => scripts.loadUser(reference, folder)),
    callPlugin,
  );
  const use = { target: true, drivers: plan.drivers.keys(), monitors: [], outputs: [] };
  const lookup = processLookup(assignment.plan?.baseDirectory ?? '', files);
  const secrets = resolveSecrets(parsed, use, lookup);
  const hasScripts = plan.journeys.some(({ work }) => work.kind === 'script');
  return {
    runId: assignment.runId,
    plan: filledPlan(plan, secrets),
    share: shareFromMessage(assignment.share),
    baseDirectory: folder,
    openData: scripts?.openData,
    ...(hasScripts && { params: paramValues(parsed, lookup, secrets.mask) }),
    mask: secrets.mask,
  };
}

/** Replaces secrets in the texts of a window that a driver or a script is free to choose. */
export function redactWindow(window: Window, mask: SecretMask): Window {
  if (mask.isEmpty) return window;
  const operations = window.operations.map((operation) => redacted(operation, mask));
  const { script, ratios } = window;
  return {
    ...window,
    operations,
    ...(ratios !== undefined && { ratios: ratios.map((ratio) => redactedRatio(ratio, mask)) }),
    ...(script !== undefined && { script: redactedScript(script, mask) }),
  };
}

function redactedRatio(ratio: RatioWindow, mask: SecretMask): RatioWindow {
  if (ratio.voidReason === undefined) return ratio;
  return { ...ratio, voidReason: mask.hide(ratio.voidReason).slice(0, MAX_VOID_REASON) };
}

function redacted<Row extends RowFigures>(row: Row, mask: SecretMask): Row {
  const errorKinds = row.errorKinds.map(({ kind, example, ...error }) => {
    const hidden = mask.hide(example).replaceAll(JSON_WEB_TOKEN, '***').slice(0, MAX_EXAMPLE_LENGTH);
    return { ...error, kind: mask.hide(kind).slice(0, kind.length), example: hidden };
  });
  return { ...row, errorKinds };
}

function redactedScript({ rows, checks }: ScriptWindow, mask: SecretMask): ScriptWindow {
  const hide = (text: string) => mask.hide(text).slice(0, MAX_NAME_LENGTH);
  return {
    rows: rows.map((window) => {
      const { row } = window;
      const tags = Object.fromEntries(Object.entries(row.tags).map(([key, value]) => [hide(key), hide(value)]));
      return { ...redacted(window, mask), row: { ...row, type: hide(row.type), name: hide(row.name), tags } };
    }),
    checks: checks.map((check) => ({ ...check, name: hide(check.name) })),
  };
}
