/**
 * The mark of a call that is handed over to another server, in its initial context under `callMarker`. By it the call is
 * found there again, and a call that comes back is recognized.
 */
import { callMarker, type JsonObject } from '@dograh-trigger/shared';
import { callName, type CallAttempt } from './call-name';

/** No client marks a call like this: its marks are hexadecimal digits. */
const prefix = 'carrier-';

/** @param accountMark of the telephony configuration that hands it over. */
export function handOverMark(accountMark: string, call: CallAttempt): string {
  return `${prefix}${accountMark}-${callName(call)}`;
}

/** Whether a server has handed this call over already, to this one. */
export function isHandedOver(context: JsonObject | null | undefined): boolean {
  const mark = context?.[callMarker];
  return typeof mark === 'string' && mark.startsWith(prefix);
}

/** Whether the call with this context has this mark. */
export function hasMark(context: JsonObject | null | undefined, mark: string): boolean {
  return context?.[callMarker] === mark;
}
