/** Bodies of callbacks, read without trusting them. */
import type { CallbackRequest } from '../port/callback';
import { parseJson } from './dial';

/** The fields of a form, in the order they came; a field may come twice. */
export function formEntries(request: CallbackRequest): [string, string][] {
  return [...new URLSearchParams(request.body.toString('utf8'))];
}

/** The last value of each field of a form. */
export function formFields(request: CallbackRequest): Record<string, string | undefined> {
  return Object.fromEntries(formEntries(request));
}

/** The parsed JSON body; undefined when it is none. */
export function jsonBody(request: CallbackRequest): unknown {
  return parseJson(request.body.toString('utf8'));
}

/** Seconds out of what carriers send: `"12"`, `12`, `"12.6"`; undefined for anything else. */
export function seconds(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
