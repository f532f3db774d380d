// What the page is drawn with: preact and htm, which it loads before (reports/live/page-files.ts).

const { libraries } = globalThis;
const hooks = libraries['preact/hooks'];

/** What turns the direction of writing around: a text of a target must not be read as another one. */
const TURNING = /\p{Bidi_Control}/gu;

export function h(type, props, ...children) {
  return libraries.preact.h(type, props, ...children.map(readable));
}

export function readable(child) {
  return typeof child === 'string' ? child.replaceAll(TURNING, '\ufffd') : child;
}

export const html = libraries.htm.bind(h);

/** A sentence of control: what stands between backticks there is code. */
export function sentence(said) {
  return said.split(/`([^`]+)`/).map((part, i) => (i % 2 === 0 ? part : html`<code>${part}</code>`));
}

export const render = libraries.preact.render;
export const useEffect = hooks.useEffect;
export const useLayoutEffect = hooks.useLayoutEffect;
export const useMemo = hooks.useMemo;
export const useReducer = hooks.useReducer;
export const useRef = hooks.useRef;
export const useState = hooks.useState;

/** Class names without those that do not apply. */
export function classes(...names) {
  return names.filter((name) => name).join(' ');
}
