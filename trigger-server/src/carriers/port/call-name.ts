/** How an attempt of a run is named in report URLs and at carriers. */

/** One attempt of a run: what is reported about another attempt does not belong to it. */
export interface CallAttempt {
  runId: number;
  /** 1 is the first one. */
  attempt: number;
}

/** The id of the run alone for the first attempt, as for calls from before there were attempts: `12`, `12.2`, `12.3`. */
export function callName({ runId, attempt }: CallAttempt): string {
  return attempt === 1 ? String(runId) : `${String(runId)}.${String(attempt)}`;
}

const form = /^([1-9]\d{0,9})(?:\.([2-9]|[1-9]\d))?$/;

/** @returns null for a text that names no attempt. */
export function readCallName(name: string): CallAttempt | null {
  const [, runId, attempt = '1'] = form.exec(name) ?? [];
  return runId === undefined ? null : { runId: Number(runId), attempt: Number(attempt) };
}
