// What first.js has asked for before the other scripts came.

/** As `fetch`; what is on its way already is taken from there, once. */
export function asked(url, options) {
  const { early } = globalThis;
  const answer = early.get(url);
  early.delete(url);
  return answer ?? fetch(url, options);
}
