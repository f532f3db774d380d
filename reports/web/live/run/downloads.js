// Every report of the run, in the reader's language.

import { html } from '../dom.js';
import { language, say } from '../words.js';

export function Downloads({ run }) {
  const reports = Object.entries(run.result?.reports ?? {});
  if (reports.length === 0) return html`<p class="note">${say('live.downloads.later')}</p>`;
  return html`<ul class="downloads">
    ${reports.map(
      ([format, url]) =>
        html`<li key=${format}>
          <a href="${url}?lang=${language()}" download>${say('live.download', { format })}</a>
          ${format === 'html' && html` <a href="${url}?lang=${language()}" target="_blank" rel="noopener">${say('live.openReport')}</a>`}
        </li>`,
    )}
    <li><a href=${run.result.url} download="result.json">${say('live.download', { format: say('live.wholeResult') })}</a></li>
  </ul>`;
}
