// Keys: single letters outside of fields, `g` and a letter to go to a place. See the help dialog.
import { open } from './dialogs.js';
import { save } from './draft.js';
import { active, move, ticked, toggle } from './lists.js';

let going = false;

const keys = {
  '/': () => document.getElementById('find')?.focus(),
  '?': () => open('help'),
  j: () => move(1),
  k: () => move(-1),
  x: () => toggle(active()),
  Enter: () => active()?.querySelector('.open')?.click(),
  c: () => press('claim'),
  r: () => press('release'),
  a: assign,
  e: complete,
  s: () => save()
};

document.addEventListener('keydown', event => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    document.getElementById('find')?.focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('dialog[open]')) {
    return;
  }
  if (event.key === 'Enter' && event.target.closest('a, button, summary')) {
    return;
  }
  if (going) {
    going = false;
    document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
    return;
  }
  if (event.key === 'g') {
    going = true;
    setTimeout(() => { going = false; }, 1500);
    return;
  }
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

function typing(element) {
  return element.closest('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]') !== null;
}

// What is done to all selected rows at once; nothing while none is.
function forAll(name) {
  return ticked() ? document.querySelector(`[data-bulk="${name}"]`) : null;
}

// The button of that name: for all selected rows, in the row the keyboard is on, else on the page.
function press(name) {
  const button = forAll(name) ?? (active() ?? document).querySelector(`[data-key="${name}"]`);
  button?.focus();
  button?.click();
}

// From a list, assigning one happens on the step's page.
function assign() {
  const all = forAll('assign');
  if (all) {
    all.focus();
    return;
  }
  const link = active()?.querySelector('.open');
  if (link) {
    location.href = `${link.href}#assign`;
  } else {
    press('assign');
  }
}

// Completing is never one key away: this leads to the buttons.
function complete() {
  const buttons = document.querySelector('[data-key="complete"], form[data-step] .form-actions button');
  if (buttons) {
    buttons.focus();
  } else {
    active()?.querySelector('.open')?.click();
  }
}
