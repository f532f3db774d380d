// The live page.

import { App } from './app.js';
import { chosenLanguage } from './choices.js';
import { html, render } from './dom.js';
import { loadWords } from './words.js';

void loadWords(chosenLanguage()).then(() => render(html`<${App} />`, document.getElementById('page')));
