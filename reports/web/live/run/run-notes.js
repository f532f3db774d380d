// What people say of a run, by which others find it: shown to everybody, written by operators.

import { send } from '../api.js';
import { Complaint, Dialog } from '../dialog.js';
import { html, useState } from '../dom.js';
import { NoteFields, tagsOf } from '../note-fields.js';
import { say } from '../words.js';

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
  const [fields, setFields] = useState({ note: run.note, tags: run.tags.join(' ') });
  const [error, setError] = useState();
  const save = (event) => {
    event.preventDefault();
    const change = { note: fields.note, tags: tagsOf(fields.tags) };
    send('PATCH', `/runs/${encodeURIComponent(run.runId)}`, change).then(onClose, setError);
  };
  return html`<${Dialog} title=${say('history.editNotes')} onClose=${onClose}>
    <form onSubmit=${save}>
      <${NoteFields} fields=${fields} onChange=${(change) => setFields({ ...fields, ...change })} />
      <${Complaint} error=${error} />
      <div class="buttons">
        <button type="submit" class="primary">${say('live.save')}</button>
        <button type="button" onClick=${onClose}>${say('live.cancel')}</button>
      </div>
    </form>
  <//>`;
}
