// Which agents carry the load.

import { html } from '../dom.js';
import { say } from '../words.js';

export const NO_AGENT_FIELDS = { expect: '', labels: '', elastic: false };

export function agentsOf({ expect, labels, elastic }) {
  const pairs = labels
    .split(/[,\s]+/)
    .filter((pair) => pair !== '')
    .map((pair) => [pair.split('=')[0], pair.slice(pair.indexOf('=') + 1)]);
  return {
    ...(expect !== '' && { expect: Number(expect) }),
    ...(pairs.length > 0 && { labels: Object.fromEntries(pairs) }),
    ...(elastic && { elastic }),
  };
}

export function AgentFields({ fields, here, onChange }) {
  return html`<details class="fold">
    <summary>${say('start.agents', { here: here.here, idle: here.idle })}</summary>
    <div class="fields">
      <label class="field"
        >${say('start.expect')}
        <input type="number" min="0" step="1" placeholder="0" value=${fields.expect} onInput=${(event) => onChange({ expect: event.target.value })} />
      </label>
      <label class="field"
        >${say('start.labels')}
        <input type="text" placeholder="zone=a" pattern="\\s*(\\S+=\\S*[,\\s]*)*" value=${fields.labels} onInput=${(event) => onChange({ labels: event.target.value })} />
      </label>
      <label class="check"
        ><input type="checkbox" checked=${fields.elastic} onChange=${(event) => onChange({ elastic: event.target.checked })} /> ${say('start.elastic')}</label
      >
    </div>
  </details>`;
}
