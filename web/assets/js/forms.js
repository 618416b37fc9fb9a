// After an answer that could not be taken, reading and typing go on at the list of what is wrong.
function toProblems(root) {
  root.querySelector('[data-form-errors]')?.focus();
}

toProblems(document);
document.addEventListener('htmx:after:swap', () => toProblems(document));
