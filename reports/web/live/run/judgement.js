// Thresholds and what casts doubt on the measurement, while the run goes on.

import { code, count, left, right, share, text } from '../cells.js';
import { DataTable } from '../data-table.js';
import { html, sentence } from '../dom.js';
import { formatCount } from '../numbers.js';
import { language, say } from '../words.js';

export function Thresholds({ run }) {
  const thresholds = run.percentiles?.thresholds ?? run.hello?.thresholds ?? [];
  if (thresholds.length === 0) return html`<p class="note">${say('live.noThresholds')}</p>`;
  const columns = [
    left('outcome', say('column.outcome')),
    left('criterion', say('column.criterion')),
    right('actual', say('column.actual')),
    right('limit', say('column.limit')),
    right('margin', say('column.margin')),
    right('samples', say('column.samples')),
  ];
  const rows = thresholds.map((one, i) => {
    const { mark, word, tone } = outcomeOf(one);
    return {
      key: i,
      cells: [
        text(`${mark} ${word}`, tone),
        code(one.criterion),
        { text: one.shown || '–', order: one.actual ?? null },
        { text: one.shownLimit || '–', order: one.limit ?? null },
        share(one.margin),
        count(one.samples),
      ],
    };
  });
  return html`<${DataTable} id="thresholds" title=${say('section.thresholds')} columns=${columns} rows=${rows} />`;
}

/** As reports/view/judgement.ts; what is not known yet waits. */
function outcomeOf({ status, severity }) {
  if (status === 'pass') return { mark: '✓', word: say('word.met'), tone: 'good' };
  if (status !== 'fail') return { mark: '…', word: say('live.waits'), tone: 'muted' };
  if (severity === 'warn') return { mark: '!', word: say('word.warning'), tone: 'warn' };
  return { mark: '✗', word: say('word.broken'), tone: 'bad' };
}

/** One line for each doubt: they stand at the top, because figures that cannot be trusted must not look well. */
export function Warnings({ run }) {
  const { warnings = [], warningTexts } = run.hasEnded ? {} : (run.second ?? {});
  const shown = warningTexts?.[language()] ?? warnings;
  return (
    warnings.length > 0 &&
    html`<div role="status"><ul class="warnings">
      ${shown.slice(0, 8).map((warning, i) => html`<li key=${i}>${sentence(warning)}</li>`)}
      ${warnings.length > 8 && html`<li>${say('live.moreOf', { count: formatCount(warnings.length - 8) })}</li>`}
    </ul></div>`
  );
}
