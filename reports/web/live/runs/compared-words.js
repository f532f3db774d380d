// Two runs as `bench compare` sees them: what became better or worse, how sure that is, and what else differs.

import { apiUrl, get } from '../api.js';
import { Complaint } from '../dialog.js';
import { html, useEffect, useState } from '../dom.js';
import { ViewTable } from '../run/view-sections.js';
import { Section } from '../section.js';
import { language, say } from '../words.js';

/** As in reports/compare/html.ts. */
const SHOWN = {
  better: 'pass',
  same: 'pass',
  within: 'pass',
  worse: 'fail',
  invalid: 'invalid',
  incomparable: 'invalid',
};
const MARKS = { pass: '✓', fail: '✗', invalid: '!' };
const FORMATS = ['html', 'markdown', 'json'];

/** @param before, after ids of runs, with `letters` for each */
export function ComparedWords({ before, after, letters }) {
  const [force, setForce] = useState(false);
  const asked = { runs: `${before},${after}`, lang: language(), ...(force && { force }) };
  const { view, error } = useComparison(asked);
  return html`<${Section} id="compared-${letters.after}" title=${say('compare.against', letters)}>
    ${
      error?.status === 409
        ? html`<p>${say('compare.otherLoad')}</p>
            <div class="buttons"><button type="button" onClick=${() => setForce(true)}>${say('compare.anyway')}</button></div>`
        : html`<${Complaint} error=${error} />`
    }
    ${!view && !error && html`<p class="note">${say('live.loading')}</p>`}
    ${view && html`<${Words} view=${view} asked=${asked} letters=${letters} />`}
  <//>`;
}

function Words({ view, asked, letters }) {
  const shown = SHOWN[view.outcome];
  const id = `words-${letters.after}`;
  return html`
    <section class="outcome ${shown}">
      <h3>${MARKS[shown]} ${view.outcomeLabel}</h3>
      <${Sentences} sentences=${view.summary} />
    </section>
    <div class="worded"><${ViewTable} id=${id} title=${say('compare.against', letters)} table=${view.table} /></div>
    <h3>${say('comparison.circumstances')}</h3>
    <${Sentences} sentences=${view.circumstances} />
    ${view.notes.length > 0 && html`<h3>${say('comparison.notes')}</h3><${Sentences} sentences=${view.notes} />`}
    <h3>${say('live.downloads')}</h3>
    <ul class="downloads">
      ${FORMATS.map((format) => html`<li key=${format}><a href=${apiUrl(`/compare/${format}`, asked)} download>${format}</a></li>`)}
    </ul>
  `;
}

function Sentences({ sentences }) {
  return sentences.length > 0 && html`<ul>${sentences.map((sentence, i) => html`<li key=${i}>${sentence}</li>`)}</ul>`;
}

function useComparison(asked) {
  const [found, setFound] = useState({});
  useEffect(() => {
    setFound({});
    const leaving = new AbortController();
    get('/compare/view', asked, leaving.signal).then(
      (view) => setFound({ view }),
      (error) => leaving.signal.aborted || setFound({ error }),
    );
    return () => leaving.abort();
  }, [JSON.stringify(asked)]);
  return found;
}
