import process from 'node:process';
import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { JsonSchema } from '../plans/json-schema.ts';
import type { Column } from '../view/table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'Plugin', align: 'left', spare: 0 },
  { title: 'Kind', align: 'left', spare: 0 },
  { title: 'Version', align: 'left', spare: 0 },
  { title: 'From', align: 'left', spare: 0, narrowest: 20 },
];

export function addPlugins(command: Command, output: Output, exitWith: (code: ExitCode) => void): void {
  command
    .description('list the drivers, monitors, outputs and reports that plans can name here')
    .addHelpText(
      'after',
      `
Packages are listed that are installed in this folder or above it and whose keywords say what they are:
bench-driver, bench-monitor, bench-output or bench-report.

Examples:
  bench plugins
  bench plugins describe http
  bench plugins describe ./my-driver.ts`,
    )
    .action(async () => exitWith(await runPlugins(output)));
  command
    .command('describe')
    .description('say what a plugin does and which options it has')
    .argument('<plugin>', 'its name, the name of its package, or the path of its file')
    .action(async (reference: string) => exitWith(await runDescribe(reference, output)));
}

async function runPlugins(output: Output): Promise<ExitCode> {
  const { knownPlugins } = await import('../plugins/known-plugins.ts');
  const { renderTable } = await import('../view/table.ts');
  const rows = knownPlugins(process.cwd()).map(({ name, kind, version, from }) => {
    return { cells: [name, kind, version, from] };
  });
  output.screen(renderTable(COLUMNS, rows, output.columns(), output.paint));
  return EXIT.pass;
}

async function runDescribe(reference: string, output: Output): Promise<ExitCode> {
  const { loadAny } = await import('../plugins/load-plugin.ts');
  const { optionSchemaOf } = await import('../plugins/option-schema.ts');
  const { kind, plugin } = await loadAny(reference, process.cwd());
  output.line(`${plugin.name} (${kind}): ${plugin.description}`);
  const schema: JsonSchema | undefined = optionSchemaOf(plugin.options);
  if (schema === undefined) {
    const { vendor } = plugin.options['~standard'];
    output.line(`Its options are checked by ${vendor}, which cannot list them here.`);
    return EXIT.pass;
  }
  const { optionOutline } = await import('../view/option-outline.ts');
  const lines = optionOutline(schema, output.columns(), output.paint);
  output.screen(lines.length === 0 ? ['', 'It has no options.'] : ['', output.paint('bold', 'Options'), ...lines]);
  return EXIT.pass;
}
