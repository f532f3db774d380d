// A part of the page under its heading, which folds as those of the HTML report do. A phone begins with what matters.

import { html, useEffect, useState } from './dom.js';

const isNarrow = matchMedia('(max-width: 40rem)').matches;

export function Section({ id, title, isKey = true, children }) {
  const isTarget = () => location.hash === `#${id}`;
  const [isOpen, setOpen] = useState(isKey || !isNarrow || isTarget());
  useEffect(() => {
    const opened = () => isTarget() && setOpen(true);
    const printing = () => setOpen(true);
    addEventListener('hashchange', opened);
    addEventListener('beforeprint', printing);
    return () => {
      removeEventListener('hashchange', opened);
      removeEventListener('beforeprint', printing);
    };
  }, []);
  return html`<details class="section" id=${id} open=${isOpen} onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary><h2>${title}</h2></summary>
    ${isOpen && children}
  </details>`;
}
