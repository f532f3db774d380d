// A question in a window of its own: the browser keeps the keyboard in it, and Esc closes it.

import { html, useEffect, useRef } from './dom.js';

export function Dialog({ title, onClose, children }) {
  const dialog = useRef();
  useEffect(() => {
    const { current } = dialog;
    current.showModal();
    return () => current.close();
  }, []);
  return html`<dialog ref=${dialog} aria-labelledby="dialog-title" onCancel=${onClose} onClose=${onClose}>
    <h2 id="dialog-title">${title}</h2>
    ${children}
  </dialog>`;
}

/** What went wrong with what was asked for; nothing when nothing did. */
export function Complaint({ error }) {
  return error && html`<p class="complaint" role="alert">${error.message}</p>`;
}
