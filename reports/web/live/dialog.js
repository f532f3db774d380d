// A question in a window of its own: the browser keeps the keyboard in it, and Esc closes it.

import { html, sentence, useEffect, useRef } from './dom.js';

export function Dialog({ title, onClose, children }) {
  const dialog = useRef();
  useEffect(() => {
    const { activeElement: opener } = document;
    const place = opener.parentElement;
    dialog.current.showModal();
    // When this is called, the dialog has gone, and the keyboard with it: it goes back to the button, or to where that was.
    return () => (opener.isConnected ? opener : place)?.focus();
  }, []);
  return html`<dialog ref=${dialog} aria-labelledby="dialog-title" onCancel=${onClose} onClose=${onClose}>
    <h2 id="dialog-title">${title}</h2>
    ${children}
  </dialog>`;
}

/** What went wrong with what was asked for; nothing when nothing did. */
export function Complaint({ error }) {
  return error && html`<p class="complaint" role="alert">${sentence(error.message)}</p>`;
}
