// After an answer that could not be taken, reading and typing go on at the list of what is wrong.
function toProblems(root) {
  root.querySelector('[data-form-errors]')?.focus();
}

toProblems(document);
document.addEventListener('htmx:after:swap', () => toProblems(document));

// Questions a form asks while it is changed wait for one another. Each is asked with the form as the answer before left
// it; one whose button or field went with that answer is not asked any more.
document.addEventListener('htmx:before:request', event => {
  const { sourceElement, request } = event.detail.ctx;
  const { form, method, submitter } = request;
  if (method !== 'POST' || !form || !sourceElement.hasAttribute('hx-sync')) {
    return;
  }
  if (!sourceElement.isConnected) {
    event.preventDefault();
    return;
  }
  const fields = new FormData(form, submitter ?? (sourceElement.type === 'submit' ? sourceElement : null));
  request.body = form.enctype === 'multipart/form-data' ? fields : new URLSearchParams(fields);
});
