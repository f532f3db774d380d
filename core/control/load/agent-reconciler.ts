import type { RunContext } from '../run/run-context.ts';
import type { RunAgent } from './run-agent.ts';
import { earlyExitSentence } from './run-agent-state.ts';
import type { RunAgents } from './run-agents.ts';
import type { ShapeLevels } from './shape-levels.ts';
import type { ShareBalancer } from './share-balancer.ts';

/** The load as a whole, as far as it decides what one agent should do. */
export interface LoadStatus {
  /** Whether agents have been started, or are about to be. */
  readonly hasBegun: boolean;
  /** Whether the load is to go on. */
  readonly isRunning: boolean;
  /** Undefined until shares can be moved. */
  readonly shares: ShareBalancer | undefined;
}

/** Compares what one agent does with what it should do, and makes up the difference. */
export class AgentReconciler {
  readonly #run: RunContext;
  readonly #agents: RunAgents;
  readonly #shapes: ShapeLevels;
  readonly #load: LoadStatus;

  constructor(run: RunContext, agents: RunAgents, shapes: ShapeLevels, load: LoadStatus) {
    this.#run = run;
    this.#agents = agents;
    this.#shapes = shapes;
    this.#load = load;
  }

  /** Idempotent: it is called for an agent after each of its changes, and for every agent each second. */
  reconcile(agent: RunAgent): void {
    this.#answerEarlyExit(agent);
    if (!this.#load.hasBegun) return;
    const isLost = agent.lostUs !== undefined && agent.progress.kind !== 'closed';
    if (isLost) this.#abortWithout(agent, `agent ${agent.name} was lost`);
    if (agent.isStarted) this.#shapes.send(agent);
    this.#balance(agent);
  }

  /** Lets an agent go that ends its load early: its share goes to the others, or the run stops. */
  #answerEarlyExit(agent: RunAgent): void {
    const { cancellation, events } = this.#run;
    const exit = agent.unansweredExit;
    // An agent of another control process is answered as soon as its load is known here.
    if (exit === undefined || (agent.isStarted && this.#load.shares === undefined)) return;
    agent.exitAnswered();
    const sentence = earlyExitSentence(agent.name, exit);
    if (exit.isByItself) {
      events.record(sentence);
      this.#abortWithout(agent, sentence);
    } else if (this.#canDoWithout(agent)) events.record(sentence);
    else cancellation.request('request', sentence);
  }

  /** Stops the run if its policy says so. An agent that still prepares to join is no loss. */
  #abortWithout(agent: RunAgent, reason: string): void {
    const { policy, cancellation } = this.#run;
    if (policy.onAgentLoss === 'abort' && this.#agents.has(agent)) cancellation.request('failure', reason);
  }

  /** Whether the load goes on without the agent: it has no share now, or the planned time is over. */
  #canDoWithout(agent: RunAgent): boolean {
    const { shares, isRunning } = this.#load;
    if (shares === undefined) return false;
    if (!isRunning) return !this.#run.cancellation.drain.aborted;
    return !shares.hasShare(agent) || (this.#isRebalancing && shares.handOver(agent));
  }

  /** The share of an agent that is lost or has left goes to the others; an agent that joins, or is back, gets one. */
  #balance(agent: RunAgent): void {
    const { shares, isRunning } = this.#load;
    if (shares === undefined || !isRunning) return;
    if (agent.canTakeShare) shares.giveShare(agent);
    else if (agent.isMissing && this.#isRebalancing) shares.handOver(agent);
  }

  get #isRebalancing(): boolean {
    return this.#run.policy.onAgentLoss === 'rebalance';
  }
}
