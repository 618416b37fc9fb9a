// What happens while a decision is evaluated: its trace, and what went wrong

let trace = [];
let errors = [];
let decision = null;

export function startEvaluation() {
  trace = [];
  errors = [];
  decision = null;
}

export function evaluated() {
  return { trace, errors };
}

// Runs the logic of one decision (or function), so that its tables are traced under its name.
export function during({ id, name }, action) {
  const outer = decision;
  decision = { id, name };
  try {
    return action();
  } finally {
    decision = outer;
  }
}

// The entry may be completed later: a table is listed where its evaluation begins.
export function traced(entry) {
  trace.push(Object.assign(entry, { decisionId: decision?.id, decisionName: decision?.name }));
}

export function failed(element, code, message, params = {}) {
  errors.push({ decisionId: decision?.id, element, code, message, params });
}
