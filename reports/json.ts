import { defineReport } from '../core/plugin.ts';
import { printableDocument } from '../core/text/printable.ts';
import { noOptions } from './options.ts';

/**
 * The whole result without loss: `bench report --from result.json` makes any other report from it. The format is described by
 * result.schema.json. Each field has its own line, so that line-based tools can be used.
 */
export default defineReport<Record<string, never>>({
  name: 'json',
  description: 'The whole result as JSON, from which every other report can be made later.',
  options: noOptions,
  render(result) {
    let content = '{';
    // Joined field by field, because the timeline of an hour has tens of megabytes.
    for (const [name, value] of Object.entries(result)) {
      content += `${content === '{' ? '' : ','}\n${JSON.stringify(name)}: `;
      content += printableDocument(JSON.stringify(value));
    }
    return [{ name: 'result.json', content: `${content}\n}\n` }];
  },
});
