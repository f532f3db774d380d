// What somebody sees from across the room: what runs, how far it is, and whether it holds.

import { classes, html, sentence, useMemo } from '../dom.js';
import { currentRate } from '../model/columns.js';
import { toneOf, VERDICT_MARKS, verdictSoFar } from '../model/verdict-so-far.js';
import { useNow } from '../now.js';
import { formatCount, formatMs, formatRate, formatShare } from '../numbers.js';
import { because, localTime, say, span } from '../words.js';
import { ControlButtons } from './control-buttons.js';
import { EditNotes, Tags } from './run-notes.js';
import { ratioOf, whyVoid } from './statistics.js';

/** More are in their table. */
const MAX_RATIO_TILES = 2;

/**
 * @param view of a run that has ended: it has the reasons in the reader's language
 * @param summary what the list of runs says of it, where that is known
 */
export function RunHeader({ run, summary, view, canStart, resetView, showAll }) {
  const { hello } = run;
  const shown = isPaused(run) ? 'paused' : run.state;
  const outcome = verdictSoFar(run);
  const startedAt = hello?.startedAt;
  const started = useMemo(() => startedAt && localTime(startedAt), [startedAt]);
  return html`<header class="run ${toneOf(outcome)}">
    <div class="title">
      <h1>${hello?.name ?? view?.title ?? run.runId}</h1>
      <span class="state ${shown ?? ''}">${shown === undefined ? '…' : say(`state.${shown}`)}</span>
      <${Progress} run=${run} />
      <${ControlButtons} run=${run} canStart=${canStart} resetView=${resetView} showAll=${showAll} />
    </div>
    <p class="meta">
      ${hello?.target && html`<span class="host">${say('column.host')}${say('word.colon')}${hello.target}</span> · `}${say('fact.run')} <code>${run.runId}</code>${
        startedAt && html` · <time datetime=${startedAt}>${started}</time>`
      }${run.reason !== '' && view === undefined && html` · ${sentence(because(run))}`}
    </p>
    ${summary && html`<${Notes} summary=${summary} mayEdit=${hello?.role === 'operator'} />`}
    <div class="tiles">
      <p class="verdict" role="status">${VERDICT_MARKS[outcome]} ${say(`outcome.${outcome}`)}</p>
      <dl>${run.hasEnded && view ? view.tiles.map((tile) => html`<${Tile} key=${tile.label} ...${tile} />`) : liveTiles(run)}</dl>
    </div>
  </header>`;
}

function Notes({ summary, mayEdit }) {
  const { note, tags } = summary;
  const isEmpty = note === '' && tags.length === 0;
  if (isEmpty && !mayEdit) return null;
  return html`<p class="notes">
    <${Tags} tags=${tags} /> ${note !== '' && html`<span>${note}</span>`}
    ${mayEdit && html`<${EditNotes} run=${summary} words=${say(isEmpty ? 'history.addNotes' : 'history.edit')} />`}
  </p>`;
}

function isPaused({ state, second }) {
  return state === 'running' && second?.paused === true;
}

/** Seconds of load so far; it goes on while the next second is on its way. */
function elapsedUs({ second, receivedMs, state }, now) {
  if (second === undefined) return 0;
  return second.elapsedUs + (state === 'running' ? Math.max(0, now - receivedMs) * 1e3 : 0);
}

function Progress({ run }) {
  const { hello, state } = run;
  const now = useNow(run);
  if (hello === undefined || state !== 'running') return null;
  const elapsed = Math.min(elapsedUs(run, now), hello.plannedUs);
  return html`<span class=${classes('progress', isPaused(run) && 'paused')}>
    <progress aria-label=${say('live.elapsed')} max=${hello.plannedUs} value=${elapsed}></progress>
    <span>${say('live.elapsedOf', { elapsed: span(elapsed), planned: span(hello.plannedUs) })}</span>
  </span>`;
}

function Tile({ label, value, note, tone }) {
  return html`<div><dt>${label}</dt><dd class=${tone ?? ''}>${value}</dd><dd class="note">${note}</dd></div>`;
}

function liveTiles(run) {
  const { hello, second, percentiles } = run;
  if (second === undefined) {
    const { expected = 0, here = 0 } = hello?.agents ?? {};
    return html`<${Tile} label=${say('section.agents')} value=${expected > 0 ? say('live.of', { some: here, all: expected }) : formatCount(here)} note=${say('live.beforeLoad')} />`;
  }
  const { requests, errors } = second.all;
  const all = percentiles?.all.response;
  const some = requests > 0;
  return [
    html`<${Tile} key="users" label=${say('column.users')} value=${formatCount(second.vus)} note=${say('live.now')} />`,
    html`<${Tile} key="rps" label=${say('chart.requests')} value=${formatRate(currentRate(run.current, 'rps'))} note=${say('live.lastTen')} />`,
    html`<${Tile}
      key="failures"
      label=${say('section.errors')}
      value=${some ? formatShare(errors / requests, 2) : '–'}
      note=${say('live.failuresOf', { errors: formatCount(errors), requests: formatCount(requests) })}
      tone=${errors > 0 ? 'bad' : undefined}
    />`,
    html`<${Tile} key="p95" label=${say('column.p95')} value=${some && all ? `${formatMs(all.p95Us)} ms` : '–'} note=${say('live.lastSecond', { ms: formatMs(second.all.p95Us) })} />`,
    html`<${Tile} key="p99" label=${say('column.p99')} value=${some && all ? `${formatMs(all.p99Us)} ms` : '–'} note=${say('live.lastSecond', { ms: formatMs(second.all.p99Us) })} />`,
    ...(percentiles?.ratios ?? [])
      .slice(0, MAX_RATIO_TILES)
      .map((ratio) => html`<${RatioTile} key=${`ratio ${ratio.name}`} ratio=${ratio} />`),
    html`<${AgentsTile} key="agents" agents=${second.agents} />`,
  ];
}

function RatioTile({ ratio }) {
  const { name, hits, of, voidReason } = ratio;
  const share = ratioOf(ratio);
  const note = voidReason === '' ? say('live.of', { some: formatCount(hits), all: formatCount(of) }) : whyVoid(ratio);
  return html`<${Tile} label=${name} value=${share === null ? '–' : formatShare(share)} note=${note} />`;
}

function AgentsTile({ agents: { running, away, lost } }) {
  const gone = away + lost;
  const note = gone === 0 ? say('live.agentsRunning') : say('live.agentsGone', { away, lost });
  return html`<${Tile} label=${say('section.agents')} value=${gone === 0 ? formatCount(running) : say('live.of', { some: running, all: running + gone })} note=${note} tone=${lost > 0 ? 'bad' : undefined} />`;
}
