import { posix } from 'node:path';
import ts from 'typescript';

const packageName = '@bench/toolkit';
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

/** Reads one file's text; nothing is run. */
export function readFacts(path: string, text: string): Facts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const facts: Facts = { imports: [], faults: [], exits: [], ioGlobals: [] };
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
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
      if (/^(globalThis\.)?(process|Deno)\.exit$/.test(node.getText())) facts.exits.push(lineOf(node));
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
  if (specifier === packageName) return 'core/index.ts';
  return /^\.{1,2}(\/|$)/.test(specifier) ? posix.join(posix.dirname(path), specifier) : undefined;
}
