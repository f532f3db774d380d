import { AgentService } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { EnrollService } from '../../../proto/gen/bench/v1/enroll_pb.ts';
import { RunService } from '../../../proto/gen/bench/v1/run_pb.ts';
import type { Role } from './role.ts';

/** Calls that change nothing, which a viewer may make. */
const READ_CALLS = ['WatchRun', 'ListRuns', 'GetRun', 'ListAgents'].map((name) => `/${RunService.typeName}/${name}`);

/**
 * Whether a caller without a certificate may make this call: only those with which it gets one.
 * @param path of a gRPC call, such as `/bench.v1.RunService/StartRun`
 */
export function needsNoIdentity(path: string): boolean {
  return path.startsWith(`/${EnrollService.typeName}/`);
}

/** Whether the role may make this call. */
export function mayCall(role: Role, path: string): boolean {
  if (needsNoIdentity(path)) return true;
  if (path.startsWith(`/${AgentService.typeName}/`)) return role === 'agent';
  if (role === 'operator') return true;
  // Health and reflection reveal nothing about runs.
  return path.startsWith(`/${RunService.typeName}/`) ? role === 'viewer' && READ_CALLS.includes(path) : true;
}
