// EDIT, PAUSE, STOP and RESET VIEW: only those that make sense now, and that this reader may press.

import { send } from '../api.js';
import { Complaint, Dialog } from '../dialog.js';
import { html, useState } from '../dom.js';
import { say } from '../words.js';
import { EditDialog } from './edit-dialog.js';

export function ControlButtons({ run, resetView, showAll }) {
  const [open, setOpen] = useState();
  const [error, setError] = useState();
  const { hello, second, state, view } = run;
  const mayChange = hello?.role === 'operator' && !run.hasEnded;
  const isRunning = state === 'running';
  const isPaused = isRunning && second?.paused === true;
  const canSet = (hello?.scenarios ?? []).some((scenario) => scenario.canSet !== null);
  const ask = (action, body) => {
    setError(undefined);
    return send('POST', `/runs/${encodeURIComponent(run.runId)}/${action}`, body).then(
      () => setOpen(undefined),
      setError,
    );
  };
  return html`<div class="buttons" role="group" aria-label=${say('live.control')}>
    ${mayChange && isRunning && canSet && html`<button type="button" onClick=${() => setOpen('edit')}>${say('live.edit')}</button>`}
    ${
      mayChange &&
      isRunning &&
      hello.canPause &&
      html`<button type="button" onClick=${() => ask('load', isPaused ? { resume: true } : { pause: true })}>
        ${say(isPaused ? 'live.resume' : 'live.pause')}
      </button>`
    }
    ${mayChange && html`<${StopButton} state=${state} ask=${ask} isOpen=${open === 'stop'} setOpen=${setOpen} error=${error} />`}
    ${
      !run.hasEnded &&
      second !== undefined &&
      html`<button type="button" title=${say('live.resetView.about')} onClick=${view === undefined ? resetView : showAll}>
        ${say(view === undefined ? 'live.resetView' : 'live.showAll')}
      </button>`
    }
    ${run.hasEnded && hello?.role === 'operator' && html`<a class="button" href="/start">${say('live.newTest')}</a>`}
    ${open === 'edit' && html`<${EditDialog} run=${run} ask=${ask} error=${error} onClose=${() => setOpen(undefined)} />`}
    ${open === undefined && html`<${Complaint} error=${error} />`}
  </div>`;
}

/** Asks once. While the run ends in order, the same button cuts off what is left. */
function StopButton({ state, ask, isOpen, setOpen, error }) {
  if (state === 'draining' || state === 'verifying') {
    return html`<button type="button" class="danger" onClick=${() => ask('stop', { abort: true, reason: say('live.stop.reason') })}>
      ${say('live.cutOff')}
    </button>`;
  }
  return html`<button type="button" class="danger" onClick=${() => setOpen('stop')}>${say('live.stop')}</button>
    ${
      isOpen &&
      html`<${Dialog} title=${say('live.stop.title')} onClose=${() => setOpen(undefined)}>
        <p>${say('live.stop.about')}</p>
        <${Complaint} error=${error} />
        <div class="buttons">
          <button type="button" class="danger" onClick=${() => ask('stop', { reason: say('live.stop.reason') })}>${say('live.stop.inOrder')}</button>
          <button type="button" onClick=${() => setOpen(undefined)}>${say('live.cancel')}</button>
        </div>
      <//>`
    }`;
}
