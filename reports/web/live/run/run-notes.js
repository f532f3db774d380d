// What people say of a run, by which others find it: shown to everybody, written by operators.

import { send } from '../api.js';
import { Complaint, Dialog } from '../dialog.js';
import { html, useState } from '../dom.js';
import { say } from '../words.js';

/** As control takes it at most. */
const MOST_CHARACTERS = 2000;

/** A tag leads to the runs that have it. */
export function Tags({ tags }) {
  return (
    tags.length > 0 &&
    html`<span class="tags">${tags.map((tag) => html`<a key=${tag} href="/runs?tag=${encodeURIComponent(tag)}">${tag}</a> `)}</span>`
  );
}

/** @param run { runId, name, note, tags } */
export function EditNotes({ run, words }) {
  const [isOpen, setOpen] = useState(false);
  return html`<button type="button" class="small" aria-label="${words}: ${say('history.notes')}, ${run.name} ${run.runId}" onClick=${() => setOpen(true)}>${words}</button>
    ${isOpen && html`<${NotesDialog} run=${run} onClose=${() => setOpen(false)} />`}`;
}

/** Control tells all pages what has changed, this one too. */
function NotesDialog({ run, onClose }) {
  const [note, setNote] = useState(run.note);
  const [tags, setTags] = useState(run.tags.join(' '));
  const [error, setError] = useState();
  const save = (event) => {
    event.preventDefault();
    const change = { note, tags: tags.split(/[\s,]+/).filter((tag) => tag !== '') };
    send('PATCH', `/runs/${encodeURIComponent(run.runId)}`, change).then(onClose, setError);
  };
  return html`<${Dialog} title=${say('history.editNotes')} onClose=${onClose}>
    <form onSubmit=${save}>
      <label class="field"
        >${say('history.tags')} <small>${say('history.tagsAbout')}</small>
        <input type="text" autocomplete="off" placeholder="nightly build:42" value=${tags} onInput=${(event) => setTags(event.target.value)} />
      </label>
      <label class="field"
        >${say('history.note')}
        <textarea rows="4" maxlength=${MOST_CHARACTERS} value=${note} onInput=${(event) => setNote(event.target.value)}></textarea>
      </label>
      <${Complaint} error=${error} />
      <div class="buttons">
        <button type="submit" class="primary">${say('live.save')}</button>
        <button type="button" onClick=${onClose}>${say('live.cancel')}</button>
      </div>
    </form>
  <//>`;
}
