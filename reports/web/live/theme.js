// Light and dark: what the system says, until somebody chooses.

import { chooseTheme } from './choices.js';
import { useEffect, useState } from './dom.js';

const system = matchMedia('(prefers-color-scheme: dark)');
const paper = matchMedia('print');
const listeners = new Set();

export function switchTheme() {
  chooseTheme(themeNow() === 'dark' ? 'light' : 'dark');
  for (const listener of listeners) listener();
}

function themeNow() {
  if (paper.matches) return 'print';
  return document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light');
}

/** Canvases keep the colours that they were drawn with, so that charts are drawn again when this changes. */
export function useTheme() {
  const [theme, setTheme] = useState(themeNow());
  useEffect(() => {
    const changed = () => setTheme(themeNow());
    listeners.add(changed);
    system.addEventListener('change', changed);
    paper.addEventListener('change', changed);
    return () => {
      listeners.delete(changed);
      system.removeEventListener('change', changed);
      paper.removeEventListener('change', changed);
    };
  }, []);
  return theme;
}
