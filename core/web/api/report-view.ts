/** What the reports of a run show, as rows and sentences in one language: the page shows the same of a run that has ended. */
import { z } from 'zod';

const tone = z.enum(['good', 'bad', 'warn', 'muted']);

const cell = z.object({
  text: z.string(),
  order: z.number().nullable().optional().describe('The value to sort by, null for none; without it the text.'),
  tone: tone.optional(),
  isCode: z.boolean().optional(),
});

const table = z.object({
  columns: z.array(z.object({ label: z.string(), align: z.enum(['left', 'right']) })).readonly(),
  rows: z.array(z.array(cell).readonly()).readonly(),
  hasTotal: z.boolean().optional().describe('The last row is the sum of the others.'),
});

const section = z.object({
  id: z.string().describe('Such as `results`; stable.'),
  title: z.string(),
  note: z.string().optional(),
  sentences: z.array(z.string()).readonly().optional(),
  table: table.optional(),
  code: z.object({ language: z.string(), text: z.string() }).optional(),
  excerpts: z
    .array(z.object({ title: z.string(), lines: z.array(z.string()).readonly(), isFirst: z.boolean() }))
    .readonly()
    .optional(),
});

/** What the reports of a comparison of runs show, as rows and sentences in one language. */
export const comparisonView = z
  .object({
    lang: z.enum(['en', 'zh-CN']),
    title: z.string().describe("The plan's name."),
    outcome: z.string().describe('As of `GET /compare`.'),
    outcomeLabel: z.string(),
    sides: z.array(z.string()).readonly().describe('Which runs are compared, a line each.'),
    summary: z.array(z.string()).readonly(),
    circumstances: z.array(z.string()).readonly().describe('What differs beside what was measured.'),
    table: table.describe('A row for each figure of each operation, with its interval and its word.'),
    notes: z.array(z.string()).readonly().describe('How the figures were compared.'),
  })
  .meta({ id: 'ComparisonView' });

export const reportView = z
  .object({
    lang: z.enum(['en', 'zh-CN']),
    title: z.string().describe("The plan's name."),
    runId: z.string(),
    startedAt: z.string().describe('RFC 3339.'),
    verdict: z.object({
      outcome: z.string().describe('`pass`, `fail`, `invalid`, `aborted` or `no-criteria`.'),
      label: z.string(),
      reasons: z.array(z.string()).readonly(),
    }),
    tiles: z
      .array(z.object({ label: z.string(), value: z.string(), note: z.string(), tone: tone.optional() }))
      .readonly()
      .describe('Read before all else.'),
    conclusion: z.array(z.string()).readonly(),
    sections: z.array(section).readonly().describe('In reading order.'),
  })
  .meta({ id: 'ReportView' });
