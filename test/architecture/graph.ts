import { factsOf, targetOf } from './facts.ts';
import type { Sources } from './source-tree.ts';

/** Of each file, the files of ours that it imports, types included; both by their path from the repository's root. */
export type ImportGraph = ReadonlyMap<string, ReadonlySet<string>>;

export function graphOf(sources: Sources, facts = factsOf(sources)): ImportGraph {
  const graph = new Map<string, Set<string>>();
  for (const [path, { imports }] of facts) {
    const targets = imports.map(({ specifier }) => targetOf(path, specifier));
    graph.set(path, new Set(targets.filter((target) => target !== undefined && target in sources) as string[]));
  }
  return graph;
}

/**
 * Groups of files that import each other in a loop: the graph's strongly connected components of more than one file.
 * @see Tarjan, Depth-First Search and Linear Graph Algorithms, SIAM Journal on Computing 1 (1972)
 */
export function circlesOf(graph: ImportGraph): string[][] {
  const circles: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];

  const visit = (path: string): void => {
    order.set(path, order.size);
    low.set(path, order.get(path) as number);
    stack.push(path);
    for (const target of graph.get(path) ?? []) {
      if (!order.has(target)) visit(target);
      // A file that has left the stack belongs to a group that is complete.
      if (stack.includes(target)) low.set(path, Math.min(low.get(path) as number, low.get(target) as number));
    }
    if (low.get(path) !== order.get(path)) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1) circles.push(group.sort());
  };

  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return circles;
}
