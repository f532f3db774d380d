import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { ROOT } from '../entries.ts';
import { code, page } from './markdown.ts';

/** What the page shows, in its order: a heading, a file, and what of its exports belongs there. */
const SECTIONS: readonly (readonly [title: string, file: string, names: readonly string[]])[] = [
  [
    'Every plugin',
    'core/plugin.ts',
    ['PluginBase', 'HostPlugin', 'PluginError', 'defineDriver', 'defineReport', 'defineMonitor', 'defineOutput'],
  ],
  ['Options', 'core/options-schema.ts', ['OptionsSchema', 'SchemaResult', 'SchemaIssue']],
  [
    'Drivers',
    'core/plugin.ts',
    ['DriverPlugin', 'OperationInfo', 'DriverUse', 'DriverContext', 'Driver', 'VirtualUserContext', 'Session'],
  ],
  ['What drivers count and measure', 'core/driver-figures.ts', ['Timing', 'Ratio', 'WriteTally']],
  ['Outcomes', 'core/outcome.ts', ['Outcome', 'OutcomeDetail']],
  ['Steps of a driver, once per run', 'core/plugin.ts', ['StepContext', 'VerifyContext', 'NotPreparedError']],
  ['What `verify` returns', 'core/stats/result.ts', ['Reconciliation', 'KeyDiscrepancy']],
  ['Reports', 'core/plugin.ts', ['ReportPlugin', 'ReportFile']],
  ['Monitors', 'core/plugin.ts', ['MonitorPlugin', 'MonitorContext', 'Monitor']],
  ['Outputs', 'core/plugin.ts', ['OutputPlugin']],
  [
    'What outputs get',
    'core/output.ts',
    ['OutputRun', 'OutputContext', 'Output', 'OutputSecond', 'OutputRow', 'OutputScenario', 'OutputAgent', 'RunSoFar'],
  ],
  ['Random values', 'core/plan/random.ts', ['RandomStream']],
  ['What all virtual users use up together', 'core/script/dealt-indices.ts', ['DealtIndices']],
];

type Exported = ts.InterfaceDeclaration | ts.ClassDeclaration | ts.TypeAliasDeclaration | ts.FunctionDeclaration;

/**
 * Every field of what plugins provide and get, from the docstrings.
 * @throws {Error} when something has none, or is not there
 */
export function pluginsPage(): string {
  const shown = new Set(SECTIONS.flatMap(([, , names]) => names));
  const sections = SECTIONS.flatMap(([title, file, names]) => {
    const source = parsed(file);
    return [`## ${title}`, ...names.flatMap((name) => new Documented(source, exported(source, name), shown).lines())];
  });
  return page('The interface of plugins', '`core/plugin.ts`', [
    'What a driver, a report, a monitor or an output provides and gets; [the README](../../README.md#a-driver-of-your-own) shows how one is written. Times are microseconds where a name ends in `Us`. A function that may be async is awaited. Whatever is thrown that is not a `PluginError` counts as a fault of the plugin, and is logged with its stack.',
    ...sections,
  ]);
}

function parsed(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(`${ROOT}${file}`, 'utf8'), ts.ScriptTarget.Latest, true);
}

function exported(source: ts.SourceFile, wanted: string): Exported {
  const found = source.statements.find(
    (statement): statement is Exported =>
      (ts.isInterfaceDeclaration(statement) ||
        ts.isClassDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement) ||
        ts.isFunctionDeclaration(statement)) &&
      statement.name?.text === wanted,
  );
  if (found === undefined) throw new Error(`${source.fileName} exports no ${wanted}: the page on plugins names it`);
  return found;
}

/** One interface, class, type or function, as Markdown. */
class Documented {
  readonly #source: ts.SourceFile;
  readonly #node: Exported;
  /** Names that have a heading on the page. */
  readonly #shown: ReadonlySet<string>;

  constructor(source: ts.SourceFile, node: Exported, shown: ReadonlySet<string>) {
    this.#source = source;
    this.#node = node;
    this.#shown = shown;
  }

  lines(): string[] {
    const node = this.#node;
    const name = node.name?.text ?? '';
    const heading = `### ${code(name)}`;
    const about = this.#docOf(node, name);
    if (ts.isFunctionDeclaration(node)) return [heading, code(this.#signature(node)), about];
    if (ts.isTypeAliasDeclaration(node)) return [heading, code(this.#textOf(node.type).replace(/^\|\s*/, '')), about];
    const members = ts.isClassDeclaration(node) ? node.members.filter(isOpen) : node.members;
    const list = [...members].map((member) => this.#member(member, name)).join('\n');
    return [heading, about, ...(list === '' ? [] : [list])];
  }

  #member(member: ts.TypeElement | ts.ClassElement, owner: string): string {
    const signature = ts.isConstructorDeclaration(member)
      ? `new ${owner}${this.#signature(member)}`
      : this.#signature(member);
    const about = this.#docOf(member, `${owner}.${member.name?.getText(this.#source) ?? 'constructor'}`);
    return `- ${code(signature)}  \n  ${about.replaceAll('\n', '\n  ')}`;
  }

  /** As it is written, without its docstring, its body and what says nothing to a caller. */
  #signature(node: ts.Node): string {
    const body = (node as { readonly body?: ts.Node }).body;
    const text = this.#source.text.slice(node.getStart(this.#source), body?.getStart(this.#source) ?? node.getEnd());
    return text
      .replace(/^(?:export |override |readonly |function |constructor(?=\())+/, '')
      .replace(/[;\s]+$/, '')
      .replaceAll(/\/\*\*[\s\S]*?\*\/\s*/g, '');
  }

  #textOf(node: ts.Node): string {
    return node.getText(this.#source);
  }

  #docOf(node: ts.Node, name: string): string {
    const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
    const doc = docs.at(-1);
    const text = doc === undefined ? '' : this.#text(doc.comment);
    const tags = (doc?.tags ?? []).map((tag) => this.#tag(tag));
    if (text === '' && tags.length === 0)
      throw new Error(`${this.#source.fileName}: ${name} has no docstring: give it one`);
    return [text, ...tags].filter((line) => line !== '').join('  \n');
  }

  #tag(tag: ts.JSDocTag): string {
    const text = this.#text(tag.comment);
    if (ts.isJSDocParameterTag(tag)) return `${code(tag.name.getText(this.#source))}: ${text}`;
    if (ts.isJSDocThrowsTag(tag)) {
      const type = tag.typeExpression?.type.getText(this.#source) ?? '';
      return `Throws ${type === '' ? '' : `${this.#link(type)} `}${text}`.trim();
    }
    return tag.tagName.text === 'returns' ? `Returns ${text}` : text;
  }

  #text(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
    const parts =
      typeof comment === 'string'
        ? [comment]
        : (comment ?? []).map((part) =>
            part.kind === ts.SyntaxKind.JSDocText
              ? part.text
              : this.#link((part as ts.JSDocLink).name?.getText(this.#source) ?? ''),
          );
    return parts
      .join('')
      .replaceAll(/\s*\n\s*/g, ' ')
      .trim();
  }

  #link(name: string): string {
    const [type = ''] = name.split('.');
    return this.#shown.has(type) ? `[${code(name)}](#${type.toLowerCase()})` : code(name);
  }
}

function isOpen(member: ts.ClassElement): boolean {
  return member.name === undefined || !ts.isPrivateIdentifier(member.name);
}
