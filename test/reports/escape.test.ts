import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { type DefaultTreeAdapterTypes, parse, parseFragment } from 'parse5';
import t from 'tap';
import { clipped, printable, withoutCommands } from '../../core/text/printable.ts';
import { htmlText, scriptJson } from '../../reports/escape/html.ts';
import { markdownBlock, markdownCode, markdownText } from '../../reports/escape/markdown.ts';
import { fileNames } from '../../reports/hgrm.ts';
import fc, { anyCharacter } from '../kit/property.ts';

type Node = DefaultTreeAdapterTypes.ChildNode;

/** Names as plans and targets may hold them, and what breaks formats. */
const nasty = fc.constantFrom(
  ...[
    '<script>alert(1)</script>',
    '</script><!--',
    '<!--',
    '-->',
    ']]>',
    '&amp;',
    '&#124;',
    '|',
    '\\|',
    '\\',
    '\n',
    '\r\n',
  ],
  ...[
    '`',
    '``',
    '*a*',
    '_a_',
    '__',
    '~~',
    '[a](javascript:x)',
    '![',
    'http://a.b',
    '# ',
    '- ',
    '1. ',
    '---',
    '===',
    '+ ',
  ],
  ...[
    '"',
    "'",
    '\u0000',
    '\u0007',
    '\u001b[31m',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u202e',
    '\ud800',
    '😀',
    '👩‍👩‍👧',
    '请求',
    '$x$',
  ],
  ...['  ', '\t', ' ', ':', '@user', '#12', '%0A', '::error::', '=cmd()', 'x'.repeat(50)],
);
const texts = fc
  .array(fc.oneof(nasty, fc.string({ unit: anyCharacter })), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''));
const RUNS = { numRuns: 1500 };
/** As code shows it. */
const shown = (text: string) => withoutCommands(printable(text));

function textOf(node: Node | DefaultTreeAdapterTypes.ParentNode): string {
  if (node.nodeName === '#text') return (node as DefaultTreeAdapterTypes.TextNode).value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

function elements(node: DefaultTreeAdapterTypes.ParentNode, name: string): DefaultTreeAdapterTypes.Element[] {
  return node.childNodes.flatMap((child) => [
    ...(child.nodeName === name ? [child as DefaultTreeAdapterTypes.Element] : []),
    ...('childNodes' in child ? elements(child, name) : []),
  ]);
}

function rendered(markdown: string) {
  return parseFragment(
    micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true }),
  );
}

t.test('Markdown: a cell shows the name, whatever it is, and the row stays a row', async () => {
  fc.assert(
    fc.property(texts, texts, fc.boolean(), (name, other, isCode) => {
      const write = isCode ? markdownCode : markdownText;
      const page = rendered(`| a | b | c |\n| --- | ---: | --- |\n| ${write(name)} | 7 | ${write(other)} |\n`);
      const cells = elements(page, 'td').map(textOf);
      const texts = [name, other].map((text) => (isCode && !text.includes('|') ? shown(text) : printable(text)).trim());
      return (
        cells.length === 3 &&
        cells[0]?.trim() === texts[0] &&
        cells[1] === '7' &&
        cells[2]?.trim() === texts[1] &&
        elements(page, 'script').length === 0 &&
        elements(page, 'img').length === 0
      );
    }),
    RUNS,
  );
});

t.test('Markdown: an item of a list and a heading show the sentence', async () => {
  fc.assert(
    fc.property(texts, (text) => {
      const page = rendered(`# ${markdownText(text)}: x\n\n- ${markdownText(text)}\n- next\n`);
      const [first, second] = elements(page, 'li').map((item) => textOf(item).trim());
      const [heading] = elements(page, 'h1').map(textOf);
      const shown = printable(text).trim();
      return first === shown && second === 'next' && heading?.trim() === `${printable(text)}: x`.trim();
    }),
    RUNS,
  );
});

t.test('Markdown: a block holds any text', async () => {
  fc.assert(
    fc.property(texts, (text) => {
      const plain = text.replace(/\n+$/, '');
      const [code] = elements(rendered(markdownBlock(plain, 'yaml')), 'code');
      return code !== undefined && textOf(code).replace(/\n$/, '') === plain.split('\n').map(shown).join('\n');
    }),
    RUNS,
  );
});

t.test('HTML: text and attributes read back as they were', async () => {
  fc.assert(
    fc.property(texts, (text) => {
      const [cell] = elements(parseFragment(`<p title="${htmlText(text)}">${htmlText(text)}</p>`), 'p');
      const title = cell?.attrs.find(({ name }) => name === 'title')?.value;
      return cell !== undefined && textOf(cell) === printable(text) && title === printable(text);
    }),
    RUNS,
  );
});

t.test('HTML: data in a script element stays data', async () => {
  fc.assert(
    fc.property(texts, (text) => {
      const page = parse(
        `<!doctype html><body><script type="application/json">${scriptJson({ text })}</script><p>after</p>`,
      );
      const scripts = elements(page, 'script');
      return (
        scripts.length === 1 &&
        JSON.parse(textOf(scripts[0] as Node)).text === printable(text) &&
        elements(page, 'p').length === 1
      );
    }),
    RUNS,
  );
});

t.test('file names are safe, different and not too long', async () => {
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 8 }), (names) => {
      const files = fileNames(names);
      const folded = new Set(files.map((file) => file.toLowerCase()));
      return folded.size === names.length && files.every((file) => /^[\p{L}\p{N}_-][\p{L}\p{N}._-]{0,65}$/u.test(file));
    }),
    RUNS,
  );
});

t.test('ten thousand characters are cut where a person reads, at a whole character', async (t) => {
  t.equal([...clipped('😀'.repeat(10_000))].length, 600);
  t.ok(clipped('😀'.repeat(10_000)).endsWith('😀…'));
  t.equal(clipped('short'), 'short');
});
