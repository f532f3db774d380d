import { parsePlan } from '../plan/parse.ts';
import type { ValidityCheck } from '../stats/result.ts';
import { measuredSeconds } from './measured.ts';
import { renderMessage } from './messages/message.ts';
import type { LeanDraft } from './run-draft.ts';
import { type Evidence, onlyNullDriver } from './validity/finding.ts';
import { agentsComplete, clock, closingTotals, localErrors, startSkew } from './validity/fleet.ts';
import { generatorLag, generatorSaturated, levelsJudged, sendDelay } from './validity/generator.ts';
import { droppedArrivals, isHostFull, littlesLaw, samples } from './validity/load.ts';

/**
 * Whether the measurement itself can be trusted, whatever it says about the target. Pure. All checks are listed, also those
 * that found nothing; a check that the run gives no basis for is ok and says so.
 */
export function checkValidity(draft: LeanDraft): ValidityCheck[] {
  const plan = parsePlan(draft.plan);
  const evidence: Evidence = { draft, plan, measuredSeconds: measuredSeconds(draft) };
  const { search } = draft;
  const generator = search
    ? [levelsJudged(search)]
    : [generatorSaturated(evidence), generatorLag(evidence), sendDelay(evidence)];
  const isGeneratorFree = generator.every(({ ok }) => ok) && !isHostFull(evidence) && !onlyNullDriver(draft, plan);
  const findings = [
    samples(evidence),
    agentsComplete(evidence),
    closingTotals(evidence),
    ...generator,
    localErrors(evidence),
    ...(search ? [] : [droppedArrivals(evidence, isGeneratorFree)]),
    littlesLaw(evidence),
    clock(evidence),
    startSkew(evidence),
  ];
  return findings.map(({ name, ok, message }) => ({ name, ok, finding: renderMessage(message, 'en'), message }));
}
