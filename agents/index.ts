export { type AgentExit, type AgentOptions, runAgent } from './agent.ts';
export { Simulation } from './simulation/simulate.ts';
