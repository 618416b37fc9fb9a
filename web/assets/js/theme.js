// Light, dark or as the system says: shown at once, remembered for the person.
import { post } from './requests.js';

const next = { auto: 'light', light: 'dark', dark: 'auto' };

document.addEventListener('click', ({ target }) => {
  const button = target.closest?.('[data-theme-next]');
  if (!button) {
    return;
  }
  const theme = next[document.documentElement.dataset.theme ?? 'auto'];
  show(theme);
  if (button.dataset.post) {
    post(button.dataset.post, { theme });
  } else {
    document.cookie = `aftercare_theme=${theme}; path=/; max-age=31536000; samesite=lax`;
  }
});

function show(theme) {
  if (theme === 'auto') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
}
