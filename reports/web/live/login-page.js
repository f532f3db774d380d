// Logging in with the token of an invitation, where control is reached from other hosts.

import { send } from './api.js';
import { Complaint } from './dialog.js';
import { html, useState } from './dom.js';
import { decoded } from './route.js';
import { say } from './words.js';

/** The token of the address that `bench control invite --web` prints; the address is cleared, so that it stays in no history. */
export async function logInFromAddress() {
  const token = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (token === undefined) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return send('POST', '/session', { token: decoded(token) });
}

export function LoginPage({ error: first, onLogin }) {
  const [token, setToken] = useState('');
  const [error, setError] = useState(first);
  const submit = (event) => {
    event.preventDefault();
    send('POST', '/session', { token: token.trim() }).then(onLogin, setError);
  };
  return html`<main id="content" class="start">
    <h1>${say('login.title')}</h1>
    <form onSubmit=${submit}>
      <p>${say('login.about')} <code>bench control invite --role viewer --web</code></p>
      <label class="field wide">${say('login.token')} <input type="password" autocomplete="off" required value=${token} onInput=${(event) => setToken(event.target.value)} /></label>
      <${Complaint} error=${error} />
      <div class="buttons"><button type="submit" class="primary">${say('login.submit')}</button></div>
    </form>
  </main>`;
}
