// What control says of a plan before it starts: what it would do, or everything that is wrong with it at once.

import { html, sentence } from '../dom.js';
import { formatCount, formatRate } from '../numbers.js';
import { say, span } from '../words.js';

export function CheckOutcome({ check }) {
  if (check === undefined) return html`<p class="note" role="status">${say('start.checking')}</p>`;
  const { ok, outline, problems } = check;
  const colon = say('word.colon');
  if (!ok) {
    return html`<section class="outcome fail" role="alert">
      <h2>✗ ${say('start.problems', { count: formatCount(problems.length) })}</h2>
      <ul>
        ${problems.map(
          ({ line, path, message, hint }, i) => html`<li key=${i}>
            ${line !== null && html`<strong>${say('start.line', { line })}</strong>`} ${path !== '' && html`<code>${path}</code>`} ${sentence(message)}
            ${hint && html`<span class="note"> ${sentence(hint)}</span>`}
          </li>`,
        )}
      </ul>
    </section>`;
  }
  return html`<section class="outcome pass" role="status">
    <h2>✓ ${outline.name}</h2>
    <ul>
      <li>${say('start.lasts', { planned: span(outline.plannedUs), warmup: span(outline.warmupUs) })}</li>
      ${outline.scenarios.map(
        ({ name, executor, operations, level, of }) =>
          html`<li key=${name}>
            <strong>${name}</strong> (${executor})${colon}${highest(level, of)}${colon}${operations.slice(0, 8).join(', ')}${operations.length > 8 && ` … (${operations.length})`}
          </li>`,
      )}
      ${outline.thresholds.length > 0 && html`<li>${say('section.thresholds')}${colon}${outline.thresholds.map((one, i) => html`${i > 0 && ', '}<code>${one}</code>`)}</li>`}
      ${outline.notices.map((notice, i) => html`<li key=${i} class="note">${sentence(notice)}</li>`)}
    </ul>
  </section>`;
}

function highest(level, of) {
  if (level === null) return say('start.upToModule');
  return of === 'vus'
    ? say('start.upToUsers', { level: formatCount(level) })
    : say('start.upToRate', { level: formatRate(level) });
}
