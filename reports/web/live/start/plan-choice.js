// Which plan: one of control's folder, or a file of whoever sits here.

import { html, useState } from '../dom.js';
import { say } from '../words.js';

/** As control takes it at most. */
const MAX_BYTES = 1024 * 1024;

export function PlanChoice({ plans, source, onChoose }) {
  const [fault, setFault] = useState('');
  const upload = async (event) => {
    const [file] = event.target.files;
    if (file === undefined) return;
    if (file.size > MAX_BYTES) {
      setFault(say('start.tooLarge', { name: file.name }));
      return;
    }
    setFault('');
    onChoose({ text: await file.text() });
  };
  if (plans === undefined) return html`<p class="note">${say('live.loading')}</p>`;
  return html`<fieldset class="fields">
    <legend>${say('start.plan')}</legend>
    ${
      plans.length > 0 &&
      html`<label class="field"
        >${say('start.fromFolder')}
        <select value=${source?.file ?? ''} onChange=${(event) => event.target.value !== '' && onChoose({ file: event.target.value })}>
          <option value="" disabled>${say('start.choose')}</option>
          ${plans.map(
            ({ file, outline }) =>
              html`<option key=${file} value=${file}>${file}${outline === null ? ` (${say('start.hasProblems')})` : `: ${outline.name}`}</option>`,
          )}
        </select>
      </label>`
    }
    <label class="field"
      >${say(plans.length > 0 ? 'start.orUpload' : 'start.upload')}
      <input type="file" accept=".yaml,.yml,.json" onChange=${upload} />
    </label>
    ${fault !== '' && html`<p class="complaint" role="alert">${fault}</p>`}
  </fieldset>`;
}
