// Light and dark: what the system says, until somebody chooses.

import { useEffect, useState } from './dom.js';

const KEY = 'bench-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const paper = matchMedia('print');
const listeners = new Set();

export function applyTheme() {
  const chosen = localStorage.getItem(KEY);
  if (chosen !== null) document.documentElement.dataset.theme = chosen;
}

export function switchTheme() {
  const theme = themeNow() === 'dark' ? 'light' : 'dark';
  localStorage.setItem(KEY, theme);
  document.documentElement.dataset.theme = theme;
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
