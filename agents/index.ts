export { type AgentExit, type AgentOptions, runAgent } from './agent.ts';
