// The fields of what people say of a run: its tags and its note.

import { html } from './dom.js';
import { say } from './words.js';

/** As control takes it at most. */
const MAX_CHARACTERS = 2000;

/** @param tags a text, with spaces or commas between them @returns as the API takes them */
export function tagsOf(tags) {
  return tags.split(/[\s,]+/).filter((tag) => tag !== '');
}

/** @param fields { tags, note }, as they are written */
export function NoteFields({ fields, onChange }) {
  return html`<label class="field wide"
      >${say('history.tags')} <small>${say('history.tagsAbout')}</small>
      <input type="text" autocomplete="off" placeholder="nightly build:42" value=${fields.tags} onInput=${(event) => onChange({ tags: event.target.value })} />
    </label>
    <label class="field wide"
      >${say('history.note')}
      <textarea rows="4" maxlength=${MAX_CHARACTERS} value=${fields.note} onInput=${(event) => onChange({ note: event.target.value })}></textarea>
    </label>`;
}
