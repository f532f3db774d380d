import type { Join } from '../../../proto/gen/bench/v1/agent_pb.ts';
import type { Environment } from '../../stats/result.ts';
import { oneLine, printable } from '../../text/printable.ts';
import { PROTOCOL_VERSION, VERSION } from '../../version.ts';

const MAX_NAME_LENGTH = 80;
const MAX_EPOCH_LENGTH = 64;
const MAX_LABELS = 20;
const LABEL = /^[\w.-]{1,80}$/;

export type Labels = Readonly<Record<string, string>>;

/** What {@link areLabels} checks, for the end of a sentence. */
export const LABEL_RULE = `at most ${MAX_LABELS} labels, of 1 to 80 letters, digits and . _ - each: name=value`;

export function areLabels(labels: Labels): boolean {
  const entries = Object.entries(labels);
  return entries.length <= MAX_LABELS && entries.flat().every((text) => LABEL.test(text));
}

/** What an agent process says of itself when it joins. */
export interface AgentIdentity {
  readonly name: string;
  /** Identifies the process among those that have had its name. */
  readonly epoch: string;
  readonly environment: Environment;
  /** Serial number of its certificate; empty without TLS. */
  readonly certificate: string;
  /** Labels by which runs choose their agents, such as `region: eu`. */
  readonly labels: Labels;
}

/** @returns why an agent that asks to join like this is refused; undefined when it is not */
export function refusalOf({ name, epoch, protocolVersion, version, labels }: Join): string | undefined {
  if (protocolVersion !== PROTOCOL_VERSION) {
    return `the agent (version ${oneLine(version, 40) || 'unknown'}) speaks protocol ${protocolVersion}, control (version ${VERSION}) speaks ${PROTOCOL_VERSION}: install the same version of @bench/toolkit on both`;
  }
  if (name === '' || name.length > MAX_NAME_LENGTH || printable(name) !== name)
    return `the name of an agent must have 1 to ${MAX_NAME_LENGTH} characters, all of them printable: give one with --name`;
  if (!areLabels(labels)) return `an agent has ${LABEL_RULE}`;
  if (epoch === '' || epoch.length > MAX_EPOCH_LENGTH)
    return `the epoch of an agent must have 1 to ${MAX_EPOCH_LENGTH} characters`;
  return undefined;
}

/** @param certificate serial number; empty without TLS */
export function identityOf(join: Join, certificate: string): AgentIdentity {
  const { name, epoch, labels } = join;
  return { name, epoch, environment: environmentOf(join), certificate, labels };
}

function environmentOf({ environment }: Join): Environment {
  const { host = '', os = '', runtime = '', cpuModel = '', cpus = 0, memoryBytes = 0 } = environment ?? {};
  return {
    host: oneLine(host),
    os: oneLine(os),
    runtime: oneLine(runtime),
    cpuModel: oneLine(cpuModel),
    cpus,
    memoryBytes: Number.isSafeInteger(memoryBytes) && memoryBytes > 0 ? memoryBytes : 0,
  };
}
