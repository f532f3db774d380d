// Whether a part of the page is in the window: what nobody sees need not be drawn each second.

import { html, useEffect, useReducer, useRef, useState } from './dom.js';

/** Whether an element is in the window, or nearly so; on paper everything is. @param margin around the window */
export function useShown(element, margin = '200px') {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const seen = new IntersectionObserver((entries) => setShown(entries.at(-1).isIntersecting), {
      rootMargin: margin,
    });
    seen.observe(element.current);
    const printing = () => setShown(true);
    addEventListener('beforeprint', printing);
    return () => {
      seen.disconnect();
      removeEventListener('beforeprint', printing);
    };
  }, []);
  return isShown;
}

/** What is out of sight is drawn this rarely: those who search the page for a word find it there. */
const UNSEEN_MS = 5000;
/** Between two parts that are out of sight, so that no second draws all of them. */
const BETWEEN_MS = 400;
let nextTurn = 0;

function msUntilTurn() {
  const now = performance.now();
  nextTurn = Math.max(now + UNSEEN_MS, nextTurn + BETWEEN_MS);
  return nextTurn - now;
}

/**
 * Draws again only when one of `by` has changed: a second does not change the rows of a thousand agents.
 * @param hasWords whether somebody may search it for a word; charts out of sight are not drawn at all
 */
export function Kept({ by, draw, hasWords = true }) {
  const place = useRef();
  const kept = useRef({ version: 0, by: [] });
  const [, drawAgain] = useReducer((count) => count + 1, 0);
  const isShown = useShown(place);
  const { version, isDue } = kept.current;
  const isOld = by.some((value, i) => value !== kept.current.by[i]);
  if (version === 0 || (isOld && (isShown || isDue))) kept.current = { version: version + 1, by, isDue: false };
  const isWaiting = hasWords && isOld && kept.current.by !== by;
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setTimeout(() => {
      kept.current.isDue = true;
      drawAgain();
    }, msUntilTurn());
    return () => clearTimeout(timer);
  }, [isWaiting]);
  return html`<div ref=${place}><${Drawn} version=${kept.current.version} draw=${draw} /></div>`;
}

/** What was drawn is not kept as an object: it would hold all of the page as it was then. */
function Drawn({ draw }) {
  this.shouldComponentUpdate ??= ({ version }) => version !== this.props.version;
  return draw();
}
