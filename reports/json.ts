import { defineReport } from '../core/plugin.ts';
import { noOptions } from './options.ts';

/**
 * The whole result, lossless: `bench report --from result.json` makes any other report of it.
 * Described by result.schema.json; a field a line, so that it can be looked into with line tools.
 */
export default defineReport<Record<string, never>>({
  name: 'json',
  description: 'The whole result as JSON, lossless: every other report can be made of it later.',
  options: noOptions,
  render(result) {
    let content = '{';
    // Put together piece by piece: the timeline of an hour is tens of megabytes long.
    for (const [name, value] of Object.entries(result)) {
      content += `${content === '{' ? '' : ','}\n${JSON.stringify(name)}: `;
      content += JSON.stringify(value);
    }
    return [{ name: 'result.json', content: `${content}\n}\n` }];
  },
});
