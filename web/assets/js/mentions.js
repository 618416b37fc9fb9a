// Notes: after an @ the colleagues whose name or key begins like what is typed are offered; arrows, Enter or Tab pick one.
// They are the options of the form's own select, which does the same without this script.
const MOST = 8;
const TYPED = /(?:^|[^\w.])@([\p{L}\p{N}._-]*)$/u;

document.addEventListener('input', ({ target }) => {
  if (target.matches('[data-mentions]')) {
    offer(target);
  }
});

document.addEventListener('focusout', ({ target }) => {
  if (target.matches('[data-mentions]')) {
    close(target);
  }
});

document.addEventListener('keydown', event => {
  const field = event.target;
  const list = field.matches?.('[data-mentions]') ? listOf(field) : null;
  if (!list || list.hidden || event.isComposing) {
    return;
  }
  const does = {
    ArrowDown: () => step(field, 1),
    ArrowUp: () => step(field, -1),
    Enter: () => pick(field, list.querySelector('[aria-selected="true"]')),
    Tab: () => pick(field, list.querySelector('[aria-selected="true"]')),
    Escape: () => close(field)
  }[event.key];
  if (does) {
    event.preventDefault();
    does();
  }
});

// Before the field loses the focus to what is pressed.
document.addEventListener('mousedown', event => {
  const option = event.target.closest?.('.mentions [role="option"]');
  if (option) {
    event.preventDefault();
    pick(document.getElementById(option.parentElement.dataset.for), option);
  }
});

function listOf(field) {
  return document.getElementById(field.getAttribute('aria-controls'));
}

function typed(field) {
  return TYPED.exec(field.value.slice(0, field.selectionStart))?.[1];
}

function offer(field) {
  const begun = typed(field)?.toLowerCase();
  const found = begun === undefined ? [] : [ ...field.form.elements.mention.options ]
    .filter(({ value, text }) => value && [ value, ...text.split(' '), text ].some(each => each.toLowerCase().startsWith(begun)))
    .slice(0, MOST);
  const list = listOf(field);
  list.replaceChildren(...found.map(({ value, text }, at) => {
    const option = document.createElement('li');
    option.id = `${list.id}-${at}`;
    option.role = 'option';
    option.dataset.key = value;
    option.textContent = text;
    return option;
  }));
  list.hidden = !found.length;
  select(field, list.firstElementChild);
}

function step(field, by) {
  const options = [ ...listOf(field).children ];
  const at = options.findIndex(option => option.ariaSelected === 'true');
  select(field, options[(at + by + options.length) % options.length]);
}

function select(field, chosen) {
  for (const option of listOf(field).children) {
    option.ariaSelected = String(option === chosen);
  }
  if (chosen) {
    field.setAttribute('aria-activedescendant', chosen.id);
  } else {
    field.removeAttribute('aria-activedescendant');
  }
}

function pick(field, option) {
  const end = field.selectionStart;
  field.setRangeText(`${option.dataset.key} `, end - typed(field).length, end, 'end');
  close(field);
}

function close(field) {
  listOf(field).hidden = true;
  select(field, null);
}
