// Runs before anything else of the page is there: nothing is drawn in other colours than the chosen ones, and what the page asks for
// first is on its way while its scripts are read.

import { applyTheme, chosenLanguage } from './choices.js';

applyTheme();

/** Answers that are on their way, by the address that was asked: `early.js` takes each of them once. */
const early = new Map();
globalThis.early = early;

const lang = chosenLanguage();
const ask = (url) => {
  const answer = fetch(url, { headers: { accept: 'application/json', 'accept-language': lang } });
  // Whoever takes the answer hears what went wrong.
  answer.catch(() => {});
  early.set(url, answer);
  return answer;
};

void ask(`/assets/words.${lang}.json`);
// With a token in the address, whoever comes logs in first.
if (!location.hash.startsWith('#token=')) {
  ask('/api/v1/session')
    .then((answer) => answer.clone().json())
    .then(({ role }) => {
      if (role === null) return;
      for (const path of ['/info', '/runs?limit=20']) void ask(`/api/v1${path}`);
    })
    .catch(() => {});
}
