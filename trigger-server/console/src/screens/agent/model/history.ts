/** Undo and redo. */
const mostSteps = 200;

export interface History<Value> {
  past: readonly Value[];
  present: Value;
  future: readonly Value[];
  /** What the latest change was about: another change of the same is the same step. */
  burst: string | null;
}

export function beginHistory<Value>(present: Value): History<Value> {
  return { past: [], present, future: [], burst: null };
}

/** @param burst typing in one field is one step: its changes have one name. Null is always a step of its own. */
export function record<Value>(
  history: History<Value>,
  present: Value,
  burst: string | null = null,
): History<Value> {
  if (present === history.present) return history;
  const goesOn = burst !== null && burst === history.burst;
  const past = goesOn ? history.past : [...history.past, history.present].slice(-mostSteps);
  return { past, present, future: [], burst };
}

/** Changes the present without a step: what was undone before stays undone. */
export function replacePresent<Value>(history: History<Value>, present: Value): History<Value> {
  return { ...history, present, burst: null };
}

export function undo<Value>({ past, present, future, ...rest }: History<Value>): History<Value> {
  const previous = past.at(-1);
  if (previous === undefined) return { past, present, future, ...rest };
  return { past: past.slice(0, -1), present: previous, future: [present, ...future], burst: null };
}

export function redo<Value>({ past, present, future, ...rest }: History<Value>): History<Value> {
  const [next, ...later] = future;
  if (next === undefined) return { past, present, future, ...rest };
  return { past: [...past, present], present: next, future: later, burst: null };
}
