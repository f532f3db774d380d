// Failures by operation and kind, each with the first answers in full for whoever asks.

import { get } from '../api.js';
import { clock, code, count, left, right, text } from '../cells.js';
import { DataTable } from '../data-table.js';
import { html, useEffect, useState } from '../dom.js';
import { formatMs } from '../numbers.js';
import { say } from '../words.js';

export function Failures({ run }) {
  const failures = useFailures(run);
  const [open, setOpen] = useState();
  if (failures.length === 0) return html`<p class="note">${say('section.errors.none')}</p>`;
  const nameOf = ({ operation, journey }) =>
    (operation === null ? run.hello.journeys[journey]?.name : run.hello.operations[operation]?.name) ?? '';
  const columns = [
    left('phase', say('live.phase')),
    { ...left('name', say('column.name')), isPick: true },
    left('kind', say('column.kind')),
    right('count', say('column.count')),
    right('first', say('column.first')),
    right('last', say('column.last')),
    left('message', say('live.message')),
  ];
  const keyOf = ({ operation, journey, phase, kind }) => JSON.stringify([operation, journey, phase, kind]);
  const rows = failures.map((failure) => ({
    key: keyOf(failure),
    pick: () => setOpen(open === keyOf(failure) ? undefined : keyOf(failure)),
    isPicked: open === keyOf(failure),
    cells: [
      text(failure.phase === 'warmup' ? say('word.warmup') : say('live.measured')),
      text(nameOf(failure)),
      code(failure.kind),
      count(failure.count, 'bad'),
      clock(failure.firstSecond),
      clock(failure.lastSecond),
      text(failure.message),
    ],
  }));
  const opened = failures.find((failure) => keyOf(failure) === open);
  return html`
    <p class="note">${say('live.failures.about')}</p>
    <${DataTable} id="failures" title=${say('section.errors')} columns=${columns} rows=${rows} first=${{ key: 'count', isRising: false }} />
    ${opened && html`<${Samples} key=${open} run=${run} failure=${opened} name=${nameOf(opened)} />`}
  `;
}

/** The stream brings the most frequent; a run that has ended is asked once. */
function useFailures(run) {
  const [stored, setStored] = useState([]);
  const isStored = run.percentiles === undefined && run.hello !== undefined;
  useEffect(() => {
    if (!isStored || run.hello.second < 0) return;
    get(`/runs/${encodeURIComponent(run.runId)}/failures`).then(
      ({ failures }) => setStored(failures),
      () => {},
    );
  }, [isStored, run.runId]);
  return run.percentiles?.failures ?? stored;
}

function Samples({ run, failure, name }) {
  const [samples, setSamples] = useState(failure.samples);
  const { operation, journey, phase, kind, message } = failure;
  useEffect(() => {
    const isSame = (one) =>
      one.operation === operation && one.journey === journey && one.phase === phase && one.kind === kind;
    get(`/runs/${encodeURIComponent(run.runId)}/failures`).then(
      ({ failures }) => setSamples(failures.find(isSame)?.samples ?? []),
      () => {},
    );
  }, [operation, journey, phase, kind]);
  return html`<section class="samples" aria-label=${say('section.samples')}>
    <h3>${name}${say('word.colon')}${kind}</h3>
    <p>${message}</p>
    ${samples.length === 0 && html`<p class="note">${say('live.noSamples')}</p>`}
    ${samples.map(
      (
        { atUs, durationUs, agent, message: said, sent, received },
        i,
      ) => html`<details class="fold" key=${i} open=${i === 0}>
        <summary>${say('live.sampleAt', { at: (atUs / 1e6).toFixed(3), ms: formatMs(durationUs), agent })}</summary>
        <p>${said}</p>
        ${sent !== '' && html`<pre tabindex="0" aria-label=${say('live.sent')}><code>${marked(sent, '> ')}</code></pre>`}
        ${received !== '' && html`<pre tabindex="0" aria-label=${say('live.received')}><code>${marked(received, '< ')}</code></pre>`}
      </details>`,
    )}
  </section>`;
}

function marked(text, mark) {
  return text
    .split('\n')
    .map((line) => mark + line)
    .join('\n');
}
