// Code fields bring their styles as elements; the page's policy takes them by its nonce. Imported before any editor.
const nonce = document.querySelector('meta[name="style-nonce"]')?.content ?? '';
const create = document.createElement;

document.createElement = function(name, options) {
  const element = create.call(this, name, options);
  if (String(name).toLowerCase() === 'style') {
    element.nonce = nonce;
  }
  return element;
};
