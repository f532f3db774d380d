import type { Join } from '../../../proto/gen/bench/v1/agent_pb.ts';
import type { Environment } from '../../stats/result.ts';
import { oneLine } from '../../text/printable.ts';

/** What an agent process says of itself when it joins. */
export interface AgentIdentity {
  readonly name: string;
  /** Identifies the process among those that have had its name. */
  readonly epoch: string;
  readonly environment: Environment;
  /** Serial number of its certificate; empty without TLS. */
  readonly certificate: string;
  /** Labels by which runs choose their agents, such as `region: eu`. */
  readonly labels: Readonly<Record<string, string>>;
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
