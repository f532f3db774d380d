// Locust's four fields, and the parameters that the plan leaves open. What is left empty is as in the plan.

import { html } from '../dom.js';
import { formatCount } from '../numbers.js';
import { say, span } from '../words.js';

export const NO_OVERRIDES = { vus: '', spawnRate: '', host: '', runTime: '', params: {} };

export function overridesOf({ vus, spawnRate, host, runTime, params }) {
  const given = Object.entries(params).filter(([, value]) => value !== '');
  return {
    ...(vus !== '' && { vus: Number(vus) }),
    ...(spawnRate !== '' && { spawnRate: Number(spawnRate) }),
    ...(host.trim() !== '' && { host: host.trim() }),
    ...(runTime.trim() !== '' && { runTime: /^\d+$/.test(runTime.trim()) ? `${runTime.trim()}s` : runTime.trim() }),
    ...(given.length > 0 && { params: Object.fromEntries(given) }),
  };
}

export function OverrideFields({ fields, outline, onChange }) {
  const most = (of) =>
    outline.scenarios.filter((scenario) => scenario.of === of).reduce((sum, { level }) => sum + (level ?? 0), 0);
  const set = (name) => (event) => onChange({ [name]: event.target.value });
  return html`
    <fieldset class="fields">
      <legend>${say('start.load')}</legend>
      <label class="field"
        >${say('live.users')}
        <input type="number" min="1" step="1" placeholder=${formatCount(most('vus'))} value=${fields.vus} onInput=${set('vus')} />
      </label>
      <label class="field"
        >${say('start.spawnRate')}
        <input type="number" min="0" step="any" placeholder=${say('start.asPlanned')} value=${fields.spawnRate} onInput=${set('spawnRate')} />
      </label>
      <label class="field"
        >${say('start.runTime')}
        <input type="text" placeholder=${span(outline.plannedUs)} value=${fields.runTime} onInput=${set('runTime')} />
      </label>
      <label class="field wide"
        >${say('column.host')}
        <input type="text" inputmode="url" autocomplete="off" placeholder=${outline.target || say('start.asPlanned')} value=${fields.host} onInput=${set('host')} />
      </label>
    </fieldset>
    ${
      outline.params.length > 0 &&
      html`<fieldset class="fields">
        <legend>${say('start.params')}</legend>
        ${outline.params.map(
          ({ name, kind, default: usual, description }) => html`<label class="field" key=${name}
            >${name} <small>${say(`start.kind.${kind}`)}${description !== '' && html`${say('word.colon')}<span class="said">${description}</span>`}</small>
            <input
              type="text"
              placeholder=${usual ?? ''}
              value=${fields.params[name] ?? ''}
              onInput=${(event) => onChange({ params: { ...fields.params, [name]: event.target.value } })}
            />
          </label>`,
        )}
      </fieldset>`
    }
  `;
}
