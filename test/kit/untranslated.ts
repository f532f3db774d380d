import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** What is written in Latin letters in any language: in quotes or marks of code, references, addresses, paths and flags. */
const AS_WRITTEN = /`[^`]*`|"[^"]*"|'[^']*'|\$?\{[^{}]*\}|\w+:\/\/\S+|\.*\/[\w./%-]+|--[\w-]+/g;
/** No sentence goes without one of these; fields, units and names are others. */
const ENGLISH =
  /\b(?:the|an|is|are|must|not|of|has|have|with|it|be|and|or|that|this|there|which|was|were|its|did|you|known|here|give|write|leave|than|can|cannot|could|several|such|only|more)\b|\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b/gi;

/** What is left in English in a text that should be Chinese; empty when nothing is. */
export function untranslated(text: string): string[] {
  return text.replaceAll(AS_WRITTEN, '|').match(ENGLISH) ?? [];
}

/** The words of four Latin letters and more that are not in quotes and the like. */
export function latinIn(text: string): string[] {
  return text.replaceAll(AS_WRITTEN, '|').match(/[A-Za-z_]{4,}/g) ?? [];
}

/** A text that the code writes, and where. What is filled in is `names[expression]`, one after the other, or else `X1`. */
export interface Written {
  readonly text: string;
  readonly place: string;
}

/**
 * The texts that a file gives to one of these: constructors and functions by their names, with the place of the text among what
 * they are given; and keys of objects.
 */
export function writtenIn(
  file: URL,
  calls: Readonly<Record<string, number>>,
  keys: readonly string[] = [],
  names: Readonly<Record<string, readonly string[]>> = {},
): Written[] {
  const source = ts.createSourceFile(file.pathname, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Written[] = [];
  const add = (node: ts.Expression | undefined): void => {
    if (node === undefined) return;
    if (ts.isConditionalExpression(node)) {
      add(node.whenTrue);
      add(node.whenFalse);
      return;
    }
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    for (const text of textsOf(node, names))
      found.push({ text, place: `${file.pathname.split('/').slice(-3).join('/')}:${line + 1}` });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
      const called = node.expression.getText().split('.').at(-1) ?? '';
      const place = Object.hasOwn(calls, called) ? calls[called] : undefined;
      if (place !== undefined) add(node.arguments?.[place]);
    } else if (ts.isPropertyAssignment(node) && keys.includes(node.name.getText())) add(node.initializer);
    else if (ts.isVariableDeclaration(node) && keys.includes(node.name.getText())) add(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function textsOf(node: ts.Expression, names: Readonly<Record<string, readonly string[]>>): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return textsOf(node.body, names);
  if (!ts.isTemplateExpression(node)) return [];
  return node.templateSpans.reduce(
    (texts, { expression, literal }) => {
      const given = names[expression.getText()] ?? ['X1'];
      return texts.flatMap((text) => given.map((value) => `${text}${value}${literal.text}`));
    },
    [node.head.text],
  );
}
