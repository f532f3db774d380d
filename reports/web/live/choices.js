// What the reader has chosen here for all pages of this browser: the language and the colours.

const LANGUAGES = ['en', 'zh-CN'];
const LANGUAGE = 'bench-language';
const THEME = 'bench-theme';

/** What was chosen; else the first language of the browser that there is; else English. */
export function chosenLanguage() {
  const chosen = localStorage.getItem(LANGUAGE);
  if (LANGUAGES.includes(chosen)) return chosen;
  const wanted = navigator.languages.find((lang) => /^(en|zh)\b/i.test(lang)) ?? 'en';
  return /^zh/i.test(wanted) ? 'zh-CN' : 'en';
}

export function chooseLanguage(lang) {
  localStorage.setItem(LANGUAGE, lang);
}

/** Puts the colours that were chosen in place of those of the system. */
export function applyTheme() {
  const chosen = localStorage.getItem(THEME);
  if (chosen !== null) document.documentElement.dataset.theme = chosen;
}

/** @param theme `light` or `dark` */
export function chooseTheme(theme) {
  localStorage.setItem(THEME, theme);
  applyTheme();
}
