// EDIT, PAUSE, STOP and RESET VIEW: only those that make sense now, and that this reader may press.

import { send } from '../api.js';
import { Complaint, Dialog } from '../dialog.js';
import { html, useLayoutEffect, useRef, useState } from '../dom.js';
import { say } from '../words.js';
import { EditDialog } from './edit-dialog.js';

/** What is open, `{ name }`, is a new object each time: an answer that comes late closes nothing that was opened after its question. */
export function ControlButtons({ run, canStart, resetView, showAll }) {
  const [open, setOpen] = useState();
  /** { fault, asker }: what went wrong, and what was open where it was asked for. */
  const [error, setError] = useState();
  const { hello, second, state, view } = run;
  const mayChange = hello?.role === 'operator' && !run.hasEnded;
  const isRunning = state === 'running';
  const isPaused = isRunning && second?.paused === true;
  const canSet = (hello?.scenarios ?? []).some((scenario) => scenario.canSet !== null);
  const close = () => setOpen((now) => (now === open ? undefined : now));
  const ask = (action, body) => {
    setError(undefined);
    return send('POST', `/runs/${encodeURIComponent(run.runId)}/${action}`, body).then(close, (fault) =>
      setError({ fault, asker: open }),
    );
  };
  const isWithin = open !== undefined && error?.asker === open;
  const dialog = { ask, error: isWithin ? error.fault : undefined, onClose: close };
  return html`<div class="buttons" role="group" tabindex="-1" aria-label=${say('live.control')}>
    ${mayChange && isRunning && canSet && html`<button type="button" onClick=${() => setOpen({ name: 'edit' })}>${say('live.edit')}</button>`}
    ${
      mayChange &&
      isRunning &&
      hello.canPause &&
      html`<button type="button" onClick=${() => ask('load', isPaused ? { resume: true } : { pause: true })}>
        ${say(isPaused ? 'live.resume' : 'live.pause')}
      </button>`
    }
    ${mayChange && html`<${StopButton} state=${state} ask=${ask} onStop=${() => setOpen({ name: 'stop' })} />`}
    ${
      !run.hasEnded &&
      second !== undefined &&
      html`<button type="button" title=${say('live.resetView.about')} onClick=${view === undefined ? resetView : showAll}>
        ${say(view === undefined ? 'live.resetView' : 'live.showAll')}
      </button>`
    }
    ${run.hasEnded && canStart && html`<a class="button" href="/start">${say('live.newTest')}</a>`}
    ${open?.name === 'edit' && html`<${EditDialog} run=${run} ...${dialog} />`}
    ${mayChange && open?.name === 'stop' && html`<${StopDialog} ...${dialog} />`}
    ${!isWithin && html`<${Complaint} error=${error?.fault} />`}
  </div>`;
}

/** While the run ends in order, it cuts off what is left. The keys: a press that began on STOP is none of CUT OFF. */
function StopButton({ state, ask, onStop }) {
  const stop = useRef();
  const isEnding = state === 'draining' || state === 'verifying';
  const group = document.activeElement === stop.current ? stop.current?.parentElement : undefined;
  // STOP goes when the run ends: the keyboard, where it was there, stays at the controls, and is no press away from CUT OFF.
  useLayoutEffect(() => group?.focus(), [isEnding]);
  return isEnding
    ? html`<button key="cut-off" type="button" class="danger" onClick=${() => ask('stop', { abort: true, reason: say('live.stop.reason') })}>
        ${say('live.cutOff')}
      </button>`
    : html`<button key="stop" type="button" class="danger" ref=${stop} onClick=${onStop}>${say('live.stop')}</button>`;
}

function StopDialog({ ask, error, onClose }) {
  return html`<${Dialog} title=${say('live.stop.title')} onClose=${onClose}>
    <p>${say('live.stop.about')}</p>
    <${Complaint} error=${error} />
    <div class="buttons">
      <button type="button" class="danger" onClick=${() => ask('stop', { reason: say('live.stop.reason') })}>${say('live.stop.inOrder')}</button>
      <button type="button" onClick=${onClose}>${say('live.cancel')}</button>
    </div>
  <//>`;
}
