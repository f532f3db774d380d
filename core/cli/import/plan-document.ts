import { Document, isMap, isNode } from 'yaml';
import type { ImportedPlan } from './imported-plan.ts';

/** The text of a plan in YAML, with its comments. */
export function planDocument({ plan, comments, pages }: ImportedPlan): string {
  const document = new Document(plan, { aliasDuplicateObjects: false });
  document.commentBefore = comments.map(commented).join('\n');
  for (const scenario of Object.keys(plan.scenarios)) {
    for (const [step, title] of pages) {
      const node = document.getIn(['scenarios', scenario, 'flow', step], true);
      if (isNode(node)) node.commentBefore = commented(`Page: ${title}`);
    }
  }
  for (const name of Object.keys(plan.params ?? {})) {
    const node = document.getIn(['params', name], true);
    if (isMap(node)) node.flow = true;
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** A comment ends with its line: what was imported may hold line breaks. */
function commented(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no control character belongs into a comment
  return ` ${line.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ')}`;
}
