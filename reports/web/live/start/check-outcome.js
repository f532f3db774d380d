// What control says of a plan before it starts: what it would do, or everything that is wrong with it at once.

import { html } from '../dom.js';
import { formatCount, formatRate } from '../numbers.js';
import { say, span } from '../words.js';

export function CheckOutcome({ check }) {
  if (check === undefined) return html`<p class="note" role="status">${say('start.checking')}</p>`;
  const { ok, outline, problems } = check;
  if (!ok) {
    return html`<section class="outcome fail" role="alert">
      <h2>✗ ${say('start.problems', { count: formatCount(problems.length) })}</h2>
      <ul>
        ${problems.map(
          ({ line, path, message, hint }, i) => html`<li key=${i}>
            ${line !== null && html`<strong>${say('start.line', { line })}</strong>`} ${path !== '' && html`<code>${path}</code>`} ${message}
            ${hint && html`<span class="note"> ${hint}</span>`}
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
            <strong>${name}</strong> (${executor}): ${highest(level, of)}${': '}${operations.slice(0, 8).join(', ')}${operations.length > 8 && ` … (${operations.length})`}
          </li>`,
      )}
      ${outline.thresholds.length > 0 && html`<li>${say('section.thresholds')}: ${outline.thresholds.map((one, i) => html`${i > 0 && ', '}<code>${one}</code>`)}</li>`}
      ${outline.notices.map((notice, i) => html`<li key=${i} class="note">${notice}</li>`)}
    </ul>
  </section>`;
}

function highest(level, of) {
  if (level === null) return say('start.upToModule');
  return of === 'vus'
    ? say('start.upToUsers', { level: formatCount(level) })
    : say('start.upToRate', { level: formatRate(level) });
}
