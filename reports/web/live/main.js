// The live page.

import { App } from './app.js';
import { html, render } from './dom.js';
import { applyTheme } from './theme.js';
import { chosenLanguage, loadWords } from './words.js';

applyTheme();
void loadWords(chosenLanguage()).then(() => render(html`<${App} />`, document.getElementById('page')));
