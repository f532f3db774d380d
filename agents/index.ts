export { Simulation } from './simulation/simulate.ts';
export { type AgentExit, type AgentOptions, runAgent } from './agent.ts';
