import { type Import, importedPlan, planDocument } from '../../../../core/cli/import/imported-plan.ts';
import { checkedPlan } from '../../../../core/cli/plans/checked-plan.ts';
import { textPlan } from '../../../../core/cli/plans/plan-file.ts';

/** The driver's options of an import, which pass `bench check`, and the comments. */
export async function imported(read: Import) {
  const plan = importedPlan(read);
  const { input } = await checkedPlan(textPlan('The plan', '/plan.yaml', planDocument(plan)), {});
  const options = input.drivers?.http?.options as Record<string, unknown> & { operations: Record<string, object> };
  return { options, input, head: plan.comments.join('\n'), text: planDocument(plan) };
}
