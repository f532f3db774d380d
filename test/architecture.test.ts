import t from 'tap';
import { factsOf } from './architecture/facts.ts';
import { faultsBetween, faultsIn } from './architecture/rules.ts';
import { readSourceTree, type Sources } from './architecture/source-tree.ts';

t.test('the source keeps the rules', async (t) => {
  const sources = readSourceTree();
  t.ok('core/plugin.ts' in sources, 'the tree was read');
  const facts = factsOf(sources);
  for (const fault of [...faultsIn(sources, facts), ...faultsBetween(sources, facts)]) t.fail(fault);
});

t.test('what a room may not import is found', async (t) => {
  const cases: [path: string, source: string, fault: string][] = [
    [
      'core/plan/a.ts',
      "import '../control/b.ts';",
      'core/plan/a.ts:1 imports core/control/b.ts (core/control): domain may import nothing else of ours',
    ],
    [
      'core/plugin.ts',
      "\nexport * from './index.ts';",
      'core/plugin.ts:2 imports core/index.ts (core/index.ts): domain may import nothing else of ours',
    ],
    [
      'core/stats/a.ts',
      "import type { X } from '../../proto/gen/a.ts';",
      'core/stats/a.ts:1 imports proto/gen/a.ts (proto): domain may import nothing else of ours',
    ],
    [
      'plugins/a.ts',
      "const b = () => import('../agents/b.ts');",
      'plugins/a.ts:1 imports agents/b.ts (agents): plugins may import only domain, core/index.ts, core/mysql, core/regular-file.ts, proto/gen/milvus',
    ],
    [
      'plugins/a.ts',
      "import '../reports/b.ts';",
      'plugins/a.ts:1 imports reports/b.ts (reports): plugins may import only domain, core/index.ts, core/mysql, core/regular-file.ts, proto/gen/milvus',
    ],
    [
      'reports/a.ts',
      "type B = import('../proto/b.ts').B;",
      'reports/a.ts:1 imports proto/b.ts (proto): reports may import only domain',
    ],
    [
      'agents/a.ts',
      "import '../plugins/b.ts';",
      'agents/a.ts:1 imports plugins/b.ts (plugins): agents may import only domain, core/bundle, core/clock.ts, core/environment.ts, core/regular-file.ts, proto',
    ],
    [
      'core/control/a.ts',
      "import '../cli/b.ts';",
      'core/control/a.ts:1 imports core/cli/b.ts (core/cli): core/control may import only domain, core/bundle, core/clock.ts, core/environment.ts, core/mysql, core/regular-file.ts, proto',
    ],
    [
      'target/a.ts',
      "import { x } from '@bench/toolkit';",
      'target/a.ts:1 imports core/index.ts (core/index.ts): target may import nothing else of ours',
    ],
    [
      'agents/a.ts',
      "import '../misplaced.ts';",
      'agents/a.ts:1 imports misplaced.ts (a place that is no room): agents may import only domain, core/bundle, core/clock.ts, core/environment.ts, core/regular-file.ts, proto',
    ],
    [
      'agents/a.ts',
      "import '../core/plan';",
      "agents/a.ts:1 imports ../core/plan: write the file's extension, .ts or .json",
    ],
    [
      'core/verdict/a.ts',
      "import { readFile } from 'node:fs/promises';",
      'core/verdict/a.ts:1 imports node:fs/promises: the domain does no I/O',
    ],
    ['core/verdict/a.ts', "import net from 'net';", 'core/verdict/a.ts:1 imports net: the domain does no I/O'],
    [
      'core/verdict/a.ts',
      "import 'drizzle-orm/mysql2';",
      'core/verdict/a.ts:1 imports drizzle-orm/mysql2: the domain does no I/O',
    ],
    ['core/plan/a.ts', 'await fetch(url);', 'core/plan/a.ts:1 uses fetch: the domain does no I/O'],
    ['core/plan/a.ts', 'Bun.file(path);', 'core/plan/a.ts:1 uses Bun: the domain does no I/O'],
  ];
  const wires = faultsIn({ 'core/cli/a.ts': "import '../../test/kit/b.ts';" });
  t.matchOnly(wires, [/^core\/cli\/a\.ts:1 imports test\/kit\/b\.ts \(test\): core\/cli may import only /]);
  for (const [path, source, fault] of cases) t.same(faultsIn({ [path]: source }), [fault]);
});

t.test('what a file may not be is found', async (t) => {
  const cases: [path: string, source: string, fault: string][] = [
    ['agents/a.ts', 'if (bad) process.exit(1);', 'agents/a.ts:1 exits the process: only bench.ts does'],
    ['core/cli/a.ts', 'globalThis.Deno.exit(1);', 'core/cli/a.ts:1 exits the process: only bench.ts does'],
    [
      'core/plan/a.ts',
      'using file = open();',
      'core/plan/a.ts:1 declares with using: Node 22 does not know it, use try and finally',
    ],
    ['core/plan/a.ts', 'const enum A { B }', 'core/plan/a.ts:1 declares an enum: use a union of strings'],
    [
      'core/plan/a.ts',
      'export namespace A { export type B = 1 }',
      'core/plan/a.ts:1 declares a namespace: use a module',
    ],
    ['core/plan/a.ts', 'x;\n'.repeat(401), 'core/plan/a.ts has 401 lines: split it, 400 is the most'],
    ['test/core/a.test.ts', 'x;\n'.repeat(401), 'test/core/a.test.ts has 401 lines: split it, 400 is the most'],
    [
      'core/stats/string-utils.ts',
      '',
      'core/stats/string-utils.ts is named "utils": name it after the one concept it holds',
    ],
    ['reports/shared/rows.ts', '', 'reports/shared/rows.ts is named "shared": name it after the one concept it holds'],
    ['lib/a.ts', '', 'lib/a.ts is in no room: add one to the rules or move the file'],
  ];
  for (const [path, source, fault] of cases) t.same(faultsIn({ [path]: source }), [fault]);
});

t.test('what is allowed is not found', async (t) => {
  const allowed: Sources = {
    'bench.ts': "import './core/cli/run.ts';\nprocess.exit(1);",
    'core/cli/run.ts':
      "import '../../agents/agent.ts';\nimport '../../target/server.ts';\nimport '../../plugins/builtin.ts';",
    'core/index.ts': "export { definePlan } from './plan/schema.ts';",
    'core/plan/a.ts': `import '../stats/b.ts';\nimport '../plugin.ts';\nimport { z } from 'zod';\nimport { join } from 'node:path';\n${'x;\n'.repeat(296)}`,
    'core/stats/b.ts':
      '// process.exit(1) and enum A {} in a comment\nconst text = "process.exit(1)"; declare global {}',
    'core/control/a.ts': "import '../../proto/gen/bench/v1/agent_pb.ts';\nimport '@grpc/grpc-js';\nimport './b.ts';",
    'agents/engine/pacer.ts': "import type { Plan } from '../../core/plan/schema.ts';\nimport net from 'node:net';",
    'plugins/builtin.ts': "export const drivers = { health: () => import('./health.ts') };",
    'examples/driver.ts': "import { defineDriver } from '@bench/toolkit';",
    'target/server.ts': "import pkg from '../package.json' with { type: 'json' };\nimport { Elysia } from 'elysia';",
    'test/kit/process.ts': `process.exit(1);\n${'x;\n'.repeat(399)}`,
  };
  t.same(faultsIn(allowed), []);
});

t.test('circles, layers that look up, and full folders are found', async (t) => {
  t.same(
    faultsBetween({ 'core/plan/a.ts': "import type { B } from './b.ts';", 'core/plan/b.ts': "import './c.ts';" }),
    [],
  );
  t.same(
    faultsBetween({
      'core/plan/a.ts': "import type { B } from './b.ts';",
      'core/plan/b.ts': "import { c } from './c.ts';",
      'core/plan/c.ts': "export * from './a.ts';",
      'core/plan/d.ts': "import './a.ts';",
    }),
    ['core/plan/a.ts, core/plan/b.ts, core/plan/c.ts import each other in a circle: move what they share below them'],
  );
  t.same(
    faultsBetween({
      'core/control/load/a.ts': "import '../run/b.ts';\nimport '../api/c.ts';",
      'core/control/run/b.ts': "import '../limits.ts';",
      'core/control/api/c.ts': '',
      'core/control/limits.ts': '',
    }),
    ['core/control/load/a.ts imports core/control/api/c.ts: in core/control, load lies below api and must not know it'],
  );
  const full = Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`plugins/net/f${i}.ts`, '']));
  t.same(faultsBetween(full), ['plugins/net holds 23 files: make rooms in it, 22 is the most']);
});
