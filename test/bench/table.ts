import { type Figure, GOAL, type Goal, median, meetsGoal } from './ratios.ts';

export interface Table {
  readonly title: string;
  /** The first column is text, the others are figures. */
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** All figures as tables: per case, the generators side by side and our ratio to each; then what is held against a goal. */
export function tablesOf(figures: readonly Figure[]): Table[] {
  const compared = figures.filter(({ peer }) => peer !== GOAL);
  const asked = figures.filter(({ peer }) => peer === GOAL);
  const names = [...new Set(compared.map((figure) => figure.case))];
  return [
    ...names.flatMap((name) => {
      const ofCase = compared.filter((figure) => figure.case === name);
      return [generatorTable(name, ofCase), ratioTable(name, ofCase)];
    }),
    ...(asked.length === 0 ? [] : [goalTable(asked)]),
  ];
}

function generatorTable(title: string, figures: readonly Figure[]): Table {
  const { units, peers, find } = grid(figures);
  const ours = units.map((unit) => median(figures.filter((figure) => figure.unit === unit).map(({ us }) => us)));
  return {
    title: `${title}: medians`,
    header: ['', ...units],
    rows: [
      ['bench', ...ours.map(shownNumber)],
      ...peers.map((peer) => [peer, ...units.map((unit) => shownNumber(find(peer, unit)?.them))]),
    ],
  };
}

function ratioTable(title: string, figures: readonly Figure[]): Table {
  const { units, peers, find } = grid(figures);
  const hasGoals = figures.some(({ goal }) => goal !== undefined);
  return {
    title: `${title}: bench ÷ peer, median of the pairs (least–greatest)`,
    header: ['', 'pairs', ...units, ...(hasGoals ? ['goals'] : [])],
    rows: peers.map((peer) => {
      const row = units.flatMap((unit) => find(peer, unit) ?? []);
      const pairs = Math.max(...row.map((figure) => figure.pairs));
      const goals = row.flatMap((figure) =>
        figure.goal ? [`${figure.unit} ${shownGoal(figure.goal)} ${mark(figure)}`] : [],
      );
      const ratios = units.map((unit) => shownRatio(find(peer, unit)));
      return [peer, String(pairs), ...ratios, ...(hasGoals ? [goals.join(', ')] : [])];
    }),
  };
}

function goalTable(figures: readonly Figure[]): Table {
  return {
    title: 'Beside what is asked',
    header: ['', 'measured', 'asked', 'ratio', 'goal', 'runs'],
    rows: figures.map((figure) => [
      `${figure.case}: ${figure.unit}`,
      shownNumber(figure.us),
      shownNumber(figure.them),
      shownRatio(figure),
      figure.goal === undefined ? '' : `${shownGoal(figure.goal)} ${mark(figure)}`,
      String(figure.pairs),
    ]),
  };
}

function grid(figures: readonly Figure[]) {
  return {
    units: [...new Set(figures.map(({ unit }) => unit))],
    peers: [...new Set(figures.map(({ peer }) => peer))],
    find: (peer: string, unit: string) => figures.find((figure) => figure.peer === peer && figure.unit === unit),
  };
}

function mark(figure: Figure): string {
  return meetsGoal(figure) ? '✓' : '✗';
}

function shownGoal({ atLeast, atMost }: Goal): string {
  if (atLeast !== undefined && atMost !== undefined) return `${atLeast}–${atMost}`;
  return atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
}

function shownRatio(figure: Figure | undefined): string {
  if (figure === undefined) return '–';
  const { median: middle, min, max } = figure.ratio;
  return figure.pairs === 1 ? shownNumber(middle) : `${shownNumber(middle)} (${shownNumber(min)}–${shownNumber(max)})`;
}

/** Three digits that count, and whole numbers above that. */
export function shownNumber(value: number | undefined): string {
  if (value === undefined) return '–';
  const digits = value === 0 ? 0 : Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function asText({ title, header, rows }: Table): string {
  const widths = header.map((name, i) => Math.max(name.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
      .join('  ')
      .trimEnd();
  return [title, ...[header, ...rows].map((cells) => `  ${line(cells)}`)].join('\n');
}

export function asMarkdown({ title, header, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = `|---|${'---:|'.repeat(header.length - 1)}`;
  return [`**${title}**`, '', line(header), rule, ...rows.map(line)].join('\n');
}
