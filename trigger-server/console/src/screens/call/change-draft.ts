/** The time of a call that waits, while it is edited. */
import type { QueuedCallChanges, Run } from '@dograh-trigger/shared';
import { instantOf, localOf } from '../../ui/local-time';

export interface ChangeDraft {
  /** Of an `<input type="datetime-local">`. Empty: as soon as possible. */
  notBefore: string;
  /** Empty: the call never expires. */
  notAfter: string;
  outsideHours: 'as it is' | 'wait' | 'refuse';
  /** Empty: as it is. */
  timeZone: string;
  reference: string;
}

/** A call that waits for something else than its time is shown without one: its time has come, or comes before that. */
export function changeDraftOf(run: Run): ChangeDraft {
  return {
    notBefore: run.waiting_for === 'time' ? localOf(run.due_at) : '',
    notAfter: localOf(run.not_after),
    outsideHours: 'as it is',
    timeZone: '',
    reference: run.reference ?? '',
  };
}

/** What is sent: only what was changed, because the fields hold no seconds, and the server keeps the rest. */
export function changesOf(shown: ChangeDraft, draft: ChangeDraft): Record<string, unknown> {
  const has = (field: keyof ChangeDraft) => draft[field].trim() !== shown[field].trim();
  const changes: Partial<Record<keyof QueuedCallChanges, unknown>> = {};
  if (has('notBefore')) changes.not_before = instantOf(draft.notBefore);
  if (has('notAfter')) changes.not_after = instantOf(draft.notAfter);
  if (has('outsideHours')) changes.outside_hours = draft.outsideHours;
  if (has('timeZone')) changes.time_zone = draft.timeZone.trim();
  if (has('reference')) changes.reference = draft.reference.trim() === '' ? null : draft.reference.trim();
  return changes;
}
