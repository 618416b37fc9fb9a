// Answers go by themselves after a while, unless somebody is reading or using one. Refusals stay.
const READING = 8000;

document.addEventListener('click', ({ target }) => {
  target.closest?.('[data-dismiss]')?.closest('[data-answer]').remove();
});

const region = document.getElementById('answers');
if (region) {
  new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(expire)))
    .observe(region, { childList: true });
  [ ...region.children ].forEach(expire);
}

function expire(answer) {
  if (!(answer instanceof Element) || answer.classList.contains('danger')) {
    return;
  }
  setTimeout(function leave() {
    if (answer.matches(':hover, :focus-within')) {
      setTimeout(leave, READING);
    } else {
      answer.remove();
    }
  }, READING);
}
