/** The record of a number on the do-not-call list. */
import type { DoNotCallEntry } from '@dograh-trigger/shared';

/** An entry that has run out no longer forbids calls. */
export function doNotCallRecord({ number, is_active, reason, source, until, added_at }: DoNotCallEntry) {
  return { id: number, do_not_call: is_active, reason, source, until, added_at };
}

export const doNotCallOutputFields = [
  { key: 'id', label: 'Phone Number', type: 'string', primary: true },
  { key: 'do_not_call', label: 'Must Not Be Called', type: 'boolean' },
  { key: 'reason', label: 'Reason', type: 'string' },
  { key: 'source', label: 'Source', type: 'string' },
  { key: 'until', label: 'Until', type: 'datetime' },
  { key: 'added_at', label: 'Added At', type: 'datetime' },
] as const;

export const insteadOfList = 'It has no do-not-call list.';
