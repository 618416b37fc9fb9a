// What an evaluation found odd while it answered null: unknown names, values of the wrong type.

const MOST = 20;
let notes = [];

export function startNotes() {
  notes = [];
}

export function note(type, message, node) {
  if (notes.length < MOST) {
    notes.push({ type, message, start: node?.from ?? 0, end: node?.to ?? 0 });
  }
}

export function takenNotes() {
  return notes;
}

// For a look ahead that may fail without meaning anything
export function withoutNotes(action) {
  const before = notes;
  notes = [];
  try {
    return action();
  } finally {
    notes = before;
  }
}
