/** A destination policy while it is edited: what the form's controls hold, and what is sent. */
import type { CallingWindow, DestinationPolicy, GuardedNumberType } from '@dograh-trigger/shared';
import { days } from './policy-sentences';

export interface PolicyDraft {
  /** False: every country may be called. */
  onlyTheseCodes: boolean;
  codes: string;
  numberTypes: readonly GuardedNumberType[];
  /** The first digits of numbers, one on each line. */
  blocked: string;
  hasHours: boolean;
  windows: readonly CallingWindow[];
  /** Dates, one on each line. */
  holidays: string;
  /** Empty: the callee's. */
  timeZone: string;
  /** Empty: no limit. */
  dailyCalls: string;
  /** To one number, in any window of time. Empty: no limit. */
  numberCalls: string;
  /** Of ISO 8601. */
  numberWindow: string;
}

/** The lengths of time that the form offers. */
export const usualWindows = ['PT1H', 'P1D', 'P7D', 'P30D'];

/** What a new window begins with. */
export const usualWindow: CallingWindow = { from: '09:00', to: '20:00', days: [...days] };

export function draftOf(policy: DestinationPolicy): PolicyDraft {
  const hours = policy.calling_hours;
  const limit = policy.max_calls_per_number;
  return {
    onlyTheseCodes: policy.allowed_calling_codes !== null,
    codes: (policy.allowed_calling_codes ?? []).join(', '),
    numberTypes: policy.allowed_number_types,
    blocked: policy.blocked_prefixes.join('\n'),
    hasHours: hours !== null,
    windows: hours?.windows ?? [usualWindow],
    holidays: (hours?.holidays ?? []).join('\n'),
    timeZone: hours?.time_zone ?? '',
    dailyCalls: policy.daily_calls_per_key === null ? '' : String(policy.daily_calls_per_key),
    numberCalls: limit === null ? '' : String(limit.calls),
    numberWindow: limit?.window ?? 'P1D',
  };
}

/** What the server is sent. It judges the values, so what is not a number stays as it was typed. */
export function policyToSend(draft: PolicyDraft): Record<keyof DestinationPolicy, unknown> {
  return {
    allowed_calling_codes: draft.onlyTheseCodes ? entriesOf(draft.codes).map(withoutPlus) : null,
    allowed_number_types: draft.numberTypes,
    blocked_prefixes: entriesOf(draft.blocked),
    calling_hours: draft.hasHours
      ? {
          windows: draft.windows.map(({ from, to, days }) => ({ from: from.trim(), to: to.trim(), days })),
          holidays: datesOf(draft.holidays),
          time_zone: draft.timeZone.trim() === '' ? null : draft.timeZone.trim(),
        }
      : null,
    daily_calls_per_key: countToSend(draft.dailyCalls.trim()),
    max_calls_per_number:
      draft.numberCalls.trim() === ''
        ? null
        : { calls: countToSend(draft.numberCalls.trim()), window: draft.numberWindow },
  };
}

/** Dates contain hyphens, which are left out of phone numbers. */
function datesOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter((date) => date !== '');
}

function countToSend(text: string): number | string | null {
  if (text === '') return null;
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** Entries are on lines of their own or between commas. A number may contain spaces. */
function entriesOf(text: string): string[] {
  return text
    .split(/[\n,;]/)
    .map((entry) => entry.replaceAll(/[\s().-]/g, ''))
    .filter((entry) => entry !== '');
}

function withoutPlus(code: string): string {
  return code.replace(/^\+/, '');
}

/**
 * What is wrong with one part of the policy.
 * @param errors as the server names the places: `blocked_prefixes.3`.
 * @param part `blocked_prefixes`. An entry of a list is named by its number, counted from 1.
 */
export function errorAt(errors: ReadonlyMap<string, string>, part: string): string | undefined {
  const sentences = [...errors].flatMap(([place, text]) => {
    if (place === part) return [text];
    const position = place.startsWith(`${part}.`) ? Number(place.slice(part.length + 1)) : Number.NaN;
    return Number.isInteger(position) ? [`Entry ${position + 1}: ${text}`] : [];
  });
  return sentences.length === 0 ? undefined : sentences.join('. ');
}

/** The values with this one among them, or without it. */
export function toggled<Value>(values: readonly Value[], value: Value, isIn: boolean): Value[] {
  const others = values.filter((one) => one !== value);
  return isIn ? [...others, value] : others;
}
