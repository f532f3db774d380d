import type { ReportPlugin } from '../core/plugin.ts';

/** Reports by name; each file is imported when it is asked for. */
export const builtinReports: Readonly<Record<string, () => Promise<{ readonly default: ReportPlugin }>>> = {
  markdown: () => import('./markdown.ts'),
  json: () => import('./json.ts'),
};
