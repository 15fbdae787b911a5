/** Light or dark, as the system says or as the reader chose. The choice is kept in this browser. */
export type Theme = 'system' | 'light' | 'dark';

const storageKey = 'theme';

export function chosenTheme(): Theme {
  const kept = window.localStorage.getItem(storageKey);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function chooseTheme(theme: Theme): void {
  window.localStorage.setItem(storageKey, theme);
  applyTheme();
}

/** Sets the chosen theme on the page. `base.css` reads it. */
export function applyTheme(): void {
  const theme = chosenTheme();
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
