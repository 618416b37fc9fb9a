// Ordered lists people arrange: buttons with data-move="-1" or "1" move their item; Alt and an arrow key do the same.
document.addEventListener('click', ({ target }) => {
  const button = target.closest?.('[data-reorder] [data-move]');
  if (button) {
    move(button.closest('[data-item]'), Number(button.dataset.move));
    button.focus();
  }
});

document.addEventListener('keydown', event => {
  const item = event.target.closest?.('[data-reorder] [data-item]');
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (item && by && event.altKey) {
    event.preventDefault();
    move(item, by);
    event.target.focus();
  }
});

function move(item, by) {
  if (by < 0) {
    item.previousElementSibling?.before(item);
  } else {
    item.nextElementSibling?.after(item);
  }
}
