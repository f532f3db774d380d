// Every file of every report, in the reader's language: the same as `bench report` writes.

import { apiUrl, get } from '../api.js';
import { html, useEffect, useState } from '../dom.js';
import { language, say } from '../words.js';

export function Downloads({ run }) {
  const reports = useReports(run);
  if (run.result === undefined) return html`<p class="note">${say('live.downloads.later')}</p>`;
  const path = `/runs/${encodeURIComponent(run.runId)}/reports`;
  return html`<ul class="downloads">
    ${reports.flatMap(({ format, files }) =>
      files.map((file) => {
        const address = apiUrl(`${path}/${format}`, { lang: language(), file });
        return html`<li key=${`${format} ${file}`}><a href=${address} download=${file}>${file}</a> <small class="note">${format}</small></li>`;
      }),
    )}
  </ul>`;
}

function useReports({ runId, result }) {
  const [reports, setReports] = useState([]);
  const isThere = result !== undefined;
  useEffect(() => {
    if (!isThere) return;
    const leaving = new AbortController();
    get(`/runs/${encodeURIComponent(runId)}/reports`, {}, leaving.signal).then(
      (answer) => setReports(answer.reports),
      () => {},
    );
    return () => leaving.abort();
  }, [runId, isThere]);
  return reports;
}
