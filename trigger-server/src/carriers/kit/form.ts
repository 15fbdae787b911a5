/** Reads the bodies of callbacks, which may contain anything. */
import type { CallbackRequest } from '../port/callback';
import { parseJson } from './dial';

/** The fields of a form, in their order; a field may occur twice. */
export function formEntries(request: Pick<CallbackRequest, 'body'>): [string, string][] {
  return [...new URLSearchParams(request.body.toString('utf8'))];
}

/** The last value of each field of a form. */
export function formFields(request: Pick<CallbackRequest, 'body'>): Record<string, string | undefined> {
  return Object.fromEntries(formEntries(request));
}

/** The parsed JSON body; undefined when it is not JSON. */
export function jsonBody(request: Pick<CallbackRequest, 'body'>): unknown {
  return parseJson(request.body.toString('utf8'));
}

/** Seconds from a carrier's value: `"12"`, `12`, `"12.6"`; undefined for anything else. */
export function seconds(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
