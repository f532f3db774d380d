import { posix } from 'node:path';
import ts from 'typescript';
import type { Sources } from './source-tree.ts';

/** What the package's own name stands for: see `exports` in package.json. */
const entries: Readonly<Record<string, string>> = {
  '@bench/toolkit': 'core/index.ts',
  '@bench/toolkit/http': 'plugins/http/script/open-http.ts',
  '@bench/toolkit/testing': 'testing/index.ts',
  '@bench/toolkit/client': 'core/cli/client/embedded.ts',
};
const ioGlobals = ['Bun', 'Deno', 'WebSocket', 'fetch'];

export interface Import {
  specifier: string;
  line: number;
}

export interface Facts {
  imports: Import[];
  /** Findings that need no knowledge of the file's room. */
  faults: string[];
  /** Lines that end the process. */
  exits: number[];
  /** Lines that use a global which does I/O. */
  ioGlobals: { name: string; line: number }[];
}

/** Reads each TypeScript file's text; nothing is run. */
export function factsOf(sources: Sources): ReadonlyMap<string, Facts> {
  const files = Object.entries(sources).filter(([path]) => path.endsWith('.ts'));
  return new Map(files.map(([path, text]) => [path, readFacts(path, text)]));
}

function readFacts(path: string, text: string): Facts {
  // Neither parents nor comments are asked for: reading them would take half of the time.
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
  const file = ts.createSourceFile(path, text, options);
  const facts: Facts = { imports: [], faults: [], exits: [], ioGlobals: [] };
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  const addImport = (specifier: ts.Node | undefined): void => {
    if (specifier && ts.isStringLiteralLike(specifier)) {
      facts.imports.push({ specifier: specifier.text, line: lineOf(specifier) });
    }
  };

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) addImport(node.moduleSpecifier);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) addImport(node.argument.literal);
    if (ts.isCallExpression(node)) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) addImport(node.arguments[0]);
      if (ts.isIdentifier(node.expression) && ioGlobals.includes(node.expression.text)) {
        facts.ioGlobals.push({ name: node.expression.text, line: lineOf(node) });
      }
    }
    if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && ioGlobals.includes(node.expression.text)) {
      facts.ioGlobals.push({ name: node.expression.text, line: lineOf(node) });
    }
    if (ts.isPropertyAccessExpression(node)) {
      const isExit = node.name.text === 'exit' && /^(globalThis\.)?(process|Deno)\.exit$/.test(node.getText(file));
      if (isExit) facts.exits.push(lineOf(node));
      if (ts.isIdentifier(node.expression) && ioGlobals.includes(node.expression.text)) {
        facts.ioGlobals.push({ name: node.expression.text, line: lineOf(node) });
      }
    }
    if (ts.isEnumDeclaration(node))
      facts.faults.push(`${path}:${lineOf(node)} declares an enum: use a union of strings`);
    if (ts.isModuleDeclaration(node) && node.flags & ts.NodeFlags.Namespace) {
      facts.faults.push(`${path}:${lineOf(node)} declares a namespace: use a module`);
    }
    if (ts.isVariableDeclarationList(node) && node.flags & ts.NodeFlags.Using) {
      facts.faults.push(`${path}:${lineOf(node)} declares with using: Node 22 does not know it, use try and finally`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return facts;
}

/** The file of ours that an import names, by its path from the repository's root; undefined for packages. */
export function targetOf(path: string, specifier: string): string | undefined {
  if (Object.hasOwn(entries, specifier)) return entries[specifier];
  return /^\.{1,2}(\/|$)/.test(specifier) ? posix.join(posix.dirname(path), specifier) : undefined;
}
