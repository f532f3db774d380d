import { checkValidity } from '../../verdict/validity.ts';
import { buildLeanResult, type ResultParts } from './result-draft.ts';

/** Checks that say something while the load runs; the others need its end. */
const LIVE = new Set([
  'generator-saturated',
  'generator-lag',
  'send-delay',
  'agents-complete',
  'local-errors',
  'dropped-arrivals',
]);

/** Validity checks that fail so far, a sentence each. */
export function failingChecks(parts: ResultParts): string[] {
  const draft = buildLeanResult(parts);
  const agents = draft.agents.map((agent, i) => {
    const isLost = parts.agents[i]?.lostUs !== undefined && agent.closingTotals === 'missing';
    // What an agent that is here has not told yet is on its way.
    if (isLost) return agent;
    return { ...agent, closingTotals: 'agree' as const, missing: [] };
  });
  return checkValidity({ ...draft, agents })
    .filter(({ name, ok }) => !ok && LIVE.has(name))
    .map(({ finding }) => finding);
}
