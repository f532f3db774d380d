// Starts a run: Locust's form, with a plan from the folder or from a file, which is checked before anything starts.

import { get, send } from '../api.js';
import { Complaint } from '../dialog.js';
import { html, useEffect, useMemo, useState } from '../dom.js';
import { NoteFields, tagsOf } from '../note-fields.js';
import { goTo } from '../route.js';
import { say } from '../words.js';
import { AgentFields, agentsOf, NO_AGENT_FIELDS } from './agent-fields.js';
import { CheckOutcome } from './check-outcome.js';
import { NO_OVERRIDES, OverrideFields, overridesOf } from './override-fields.js';
import { PlanChoice } from './plan-choice.js';

const CHECK_DELAY_MS = 300;
const NO_NOTES = { note: '', tags: '' };

export function StartPage({ info }) {
  const plans = usePlans(info.hasPlans);
  const [source, setSource] = useState();
  const [fields, setFields] = useState(NO_OVERRIDES);
  const [agents, setAgents] = useState(NO_AGENT_FIELDS);
  const [notes, setNotes] = useState(NO_NOTES);
  const [error, setError] = useState();
  const [isStarting, setStarting] = useState(false);
  const asked = source && { ...source, overrides: overridesOf(fields) };
  const check = useCheck(asked);
  const body = { ...asked, agents: agentsOf(agents), ...notesOf(notes) };
  // Pressed again, the same asks for the same run; anything else for another.
  const key = useMemo(newKey, [JSON.stringify(body)]);

  // The first plan of the folder, so that a press of START is enough.
  useEffect(() => {
    const [first] = plans ?? [];
    if (first !== undefined && source === undefined) setSource({ file: first.file });
  }, [plans]);

  const choose = (chosen) => {
    setSource(chosen);
    setFields(NO_OVERRIDES);
  };
  const start = async (event) => {
    event.preventDefault();
    setError(undefined);
    setStarting(true);
    try {
      const { runId } = await send('POST', '/runs', body, { headers: { 'idempotency-key': key } });
      goTo(`/runs/${runId}`);
    } catch (refusal) {
      setError(refusal);
    } finally {
      setStarting(false);
    }
  };

  return html`<main id="content" class="start">
    <h1>${say('start.title')}</h1>
    <form onSubmit=${start}>
      <${PlanChoice} plans=${plans} source=${source} onChoose=${choose} />
      ${
        check?.outline &&
        html`<${OverrideFields} fields=${fields} outline=${check.outline} onChange=${(change) => setFields({ ...fields, ...change })} />
        <${AgentFields} fields=${agents} here=${info.agents} onChange=${(change) => setAgents({ ...agents, ...change })} />
        <details class="fold">
          <summary>${say('history.notes')}</summary>
          <div class="fields"><${NoteFields} fields=${notes} onChange=${(change) => setNotes({ ...notes, ...change })} /></div>
        </details>`
      }
      ${source && html`<${CheckOutcome} check=${check} />`}
      <${Complaint} error=${error} />
      ${error?.problems?.length > 0 && html`<${CheckOutcome} check=${{ ok: false, outline: null, problems: error.problems }} />`}
      <div class="buttons">
        <button type="submit" class="primary large" disabled=${check?.ok !== true || isStarting}>${say(isStarting ? 'start.starting' : 'start.start')}</button>
      </div>
    </form>
  </main>`;
}

function notesOf({ note, tags }) {
  const names = tagsOf(tags);
  return { ...(note.trim() !== '' && { note }), ...(names.length > 0 && { tags: names }) };
}

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function usePlans(hasPlans) {
  const [plans, setPlans] = useState(hasPlans ? undefined : []);
  useEffect(() => {
    if (hasPlans)
      get('/plans').then(
        (answer) => setPlans(answer.plans),
        () => setPlans([]),
      );
  }, []);
  return plans;
}

/** What control says of the plan as it would be run; undefined while it has not been asked. */
function useCheck(asked) {
  const [check, setCheck] = useState();
  const text = JSON.stringify(asked);
  const source = JSON.stringify([asked?.file, asked?.text]);
  useEffect(() => setCheck(undefined), [source]);
  useEffect(() => {
    if (asked === undefined) return;
    let isOver = false;
    const timer = setTimeout(() => {
      const told = (answer) => {
        if (!isOver) setCheck((before) => ({ ...answer, outline: answer.outline ?? before?.outline ?? null }));
      };
      send('POST', '/plans/check', asked).then(told, (refusal) =>
        told({
          ok: false,
          outline: null,
          problems:
            refusal.problems?.length > 0
              ? refusal.problems
              : [{ line: null, path: '', message: refusal.message, hint: '' }],
        }),
      );
    }, CHECK_DELAY_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [text]);
  return check;
}
