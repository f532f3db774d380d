// Every file of every report, in the reader's language: the same as `bench report` writes. Of a run that goes on, what it has so far.

import { apiUrl, get } from '../api.js';
import { Complaint } from '../dialog.js';
import { html, useEffect, useState } from '../dom.js';
import { language, say } from '../words.js';

export function Downloads({ run }) {
  const isWhole = run.result !== undefined;
  const [isWanted, setWanted] = useState(false);
  const { reports, error } = useReports(run, isWhole || isWanted);
  if (run.state === 'failed' || run.state === 'prepared') {
    return html`<p class="note">${say(`state.${run.state}.about`)}</p>`;
  }
  const path = `/runs/${encodeURIComponent(run.runId)}/reports`;
  return html`
    ${!isWhole && html`<p class="note">${say('live.downloads.later')}</p>`}
    ${
      !isWhole &&
      !isWanted &&
      html`<div class="buttons"><button type="button" disabled=${run.second === undefined} onClick=${() => setWanted(true)}>${say('live.downloads.now')}</button></div>`
    }
    <${Complaint} error=${error} />
    <ul class="downloads">
      ${reports.flatMap(({ format, files }) =>
        files.map((file) => {
          const address = apiUrl(`${path}/${format}`, { lang: language(), file, partial: isWhole ? undefined : true });
          return html`<li key=${`${format} ${file}`}><a href=${address} download>${file}</a> <small class="note">${format}</small></li>`;
        }),
      )}
    </ul>
  `;
}

/** Their files: those of a run that goes on are made, and only for whoever asks. */
function useReports({ runId, result }, isWanted) {
  const [found, setFound] = useState({ reports: [] });
  const isWhole = result !== undefined;
  useEffect(() => {
    if (!isWanted) return;
    const leaving = new AbortController();
    const partial = isWhole ? undefined : true;
    get(`/runs/${encodeURIComponent(runId)}/reports`, { partial }, leaving.signal).then(setFound, (error) =>
      leaving.signal.aborted ? undefined : setFound({ reports: [], error }),
    );
    return () => leaving.abort();
  }, [runId, isWhole, isWanted]);
  return found;
}
