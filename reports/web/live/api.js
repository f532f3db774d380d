// The HTTP API of control, as the page calls it.

import { asked } from './early.js';
import { language, say } from './words.js';

const ROOT = '/api/v1';

/** What control has answered in place of what was asked for: RFC 9457, with the faults of a plan where there are some. */
class Refusal extends Error {
  constructor(status, { title, detail, problems }) {
    super(detail ?? title ?? `HTTP ${status}`);
    this.status = status;
    this.problems = problems ?? [];
  }
}

export function apiUrl(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `${ROOT}${path}${text === '' ? '' : `?${text}`}`;
}

/** @throws {Refusal} or another error, which says that control does not answer */
export function get(path, query, signal) {
  const headers = { accept: 'application/json', 'accept-language': language() };
  return answered(asked(apiUrl(path, query), { headers, signal }));
}

/**
 * Changes something.
 * @param more { headers }
 * @throws as {@link get}
 */
export function send(method, path, body, { headers = {} } = {}) {
  return answered(
    fetch(apiUrl(path), {
      method,
      headers: { 'content-type': 'application/json', 'accept-language': language(), 'x-bench': '1', ...headers },
      body: JSON.stringify(body ?? {}),
    }),
  );
}

async function answered(asking) {
  const answer = await asking.catch((error) => {
    // What browsers say of it is in their own language.
    throw error.name === 'AbortError' ? error : new Error(say('live.noAnswer'), { cause: error });
  });
  const text = await answer.text();
  if (answer.ok) return text === '' ? undefined : JSON.parse(text);
  throw new Refusal(answer.status, problemOf(text));
}

/** A proxy may answer with something else than control. */
function problemOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { detail: text.slice(0, 200) };
  }
}
