// What first.js has asked for before the other scripts came.

/** As `fetch`; what is on its way already is taken from there, once. */
export function asked(url, options) {
  const { answers } = globalThis.early;
  const answer = answers.get(url);
  answers.delete(url);
  return answer ?? fetch(url, options);
}

/** What has been answered already, once; undefined for what has not been, and for what was refused. */
export function known(url) {
  const { answers, bodies } = globalThis.early;
  const body = bodies.get(url);
  bodies.delete(url);
  if (body !== undefined) answers.delete(url);
  return body;
}
