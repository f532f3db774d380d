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
    const fields = Object.entries(result).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
    return [{ name: 'result.json', content: `{\n${fields.join(',\n')}\n}\n` }];
  },
});
