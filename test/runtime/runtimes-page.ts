import { type Ability, ROLES, RUNTIME_NAMES, type RuntimeName, SMOKE } from './suite.ts';

const TITLES: Readonly<Record<RuntimeName, string>> = { node: 'Node', bun: 'Bun', deno: 'Deno' };

const PAGE = `# What works on which runtime

Made of the tests in \`test/runtime/\` by \`npm run generate\`: each tick is a test that \`npm test\` runs there, with Node 26, Bun 1.4
and Deno 2.9. Older ones from Node 22.18, Bun 1.3 and Deno 2.5 on should do as well.

`;

/** docs/runtimes.md. */
export function runtimesPage(): string {
  const notes: string[] = [];
  const cell = ({ except = {} }: Ability, runtime: RuntimeName): string => {
    const instead = except[runtime];
    if (instead === undefined) return '✓';
    if (!notes.includes(instead)) notes.push(instead);
    return `– (${notes.indexOf(instead) + 1})`;
  };
  const table = (title: string, abilities: readonly Ability[]): string[] => [
    `| ${[title, ...RUNTIME_NAMES.map((name) => TITLES[name])].join(' | ')} |`,
    `|${'---|'.repeat(RUNTIME_NAMES.length + 1)}`,
    ...abilities.map(
      (ability) => `| ${[ability.title, ...RUNTIME_NAMES.map((name) => cell(ability, name))].join(' | ')} |`,
    ),
    '',
  ];
  const lines = [...table('As a process', Object.values(ROLES)), ...table('In a process', Object.values(SMOKE))];
  return PAGE + [...lines, ...notes.map((note, i) => `(${i + 1}) ${note}.`), ''].join('\n');
}
