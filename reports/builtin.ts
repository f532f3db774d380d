import type { ReportPlugin } from '../core/plugin.ts';

/** Reports by name. Each file is imported when its report is asked for. */
export const builtinReports: Readonly<Record<string, () => Promise<{ readonly default: ReportPlugin }>>> = {
  markdown: () => import('./markdown.ts'),
  html: () => import('./html.ts'),
  json: () => import('./json.ts'),
  junit: () => import('./junit.ts'),
  csv: () => import('./csv.ts'),
  hgrm: () => import('./hgrm.ts'),
  github: () => import('./github.ts'),
};
