// EDIT: another number of users or arrivals while the load runs. It goes on from where it is.

import { Complaint, Dialog } from '../dialog.js';
import { html, useState } from '../dom.js';
import { plannedLine } from '../model/planned-load.js';
import { say } from '../words.js';

export function EditDialog({ run, ask, error, onClose }) {
  const scenarios = run.hello.scenarios.filter(({ canSet }) => canSet !== null);
  const [name, setName] = useState(scenarios[0].name);
  const scenario = scenarios.find((one) => one.name === name);
  const present = levelNow(run, scenario);
  const [level, setLevel] = useState(String(present));
  const [spawnRate, setSpawnRate] = useState('');
  const isUsers = scenario.canSet === 'vus';
  const choose = (chosen) => {
    setName(chosen);
    setLevel(
      String(
        levelNow(
          run,
          scenarios.find((one) => one.name === chosen),
        ),
      ),
    );
  };
  const submit = (event) => {
    event.preventDefault();
    ask('load', {
      scenario: name,
      [scenario.canSet]: Number(level),
      ...(spawnRate !== '' && { spawnRate: Number(spawnRate) }),
    });
  };
  return html`<${Dialog} title=${say('live.edit.title')} onClose=${onClose}>
    <form onSubmit=${submit}>
      ${
        scenarios.length > 1 &&
        html`<label class="field"
          >${say('column.scenario')}
          <select value=${name} onChange=${(event) => choose(event.target.value)}>
            ${scenarios.map((one) => html`<option key=${one.name} value=${one.name}>${one.name}</option>`)}
          </select>
        </label>`
      }
      <label class="field"
        >${say(isUsers ? 'live.users' : 'live.arrivals')}
        <input type="number" min="0" step=${isUsers ? 1 : 'any'} required value=${level} onInput=${(event) => setLevel(event.target.value)} />
      </label>
      <label class="field"
        >${say(isUsers ? 'start.spawnRate' : 'live.edit.rateRamp')}
        <input type="number" min="0.001" step="any" placeholder=${say('live.edit.atOnce')} value=${spawnRate} onInput=${(event) => setSpawnRate(event.target.value)} />
      </label>
      <p class="note">${say(`live.edit.about.${scenario.canSet}`, { now: present })}</p>
      <${Complaint} error=${error} />
      <div class="buttons">
        <button type="submit" class="primary">${say('live.apply')}</button>
        <button type="button" onClick=${onClose}>${say('live.cancel')}</button>
      </div>
    </form>
  <//>`;
}

/** What the scenario is asked for at present. Within a ramp there are parts of users, which nobody can ask for. */
function levelNow({ second, loadChanges }, scenario) {
  const at = second === undefined ? 0 : second.second + 1;
  const [level = 0] = plannedLine([scenario], loadChanges, scenario.of, [at]) ?? [];
  return scenario.canSet === 'vus' ? Math.round(level) : Math.round(level * 100) / 100;
}
