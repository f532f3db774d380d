// The live page.

import { App } from './app.js';
import { chosenLanguage } from './choices.js';
import { html, render } from './dom.js';
import { loadWords } from './words.js';

/** What the page begins with is drawn in one go; where it takes longer than this, the page says that it waits. */
const PATIENCE_MS = 500;

const isKnown = Promise.race([globalThis.early.isKnown, new Promise((over) => setTimeout(over, PATIENCE_MS))]);
void Promise.all([loadWords(chosenLanguage()), isKnown]).then(() =>
  render(html`<${App} />`, document.getElementById('page')),
);
