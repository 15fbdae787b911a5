/** Sentences for people: why a call ended as it did, and what a queued call waits for. */
import type { Run, RunReason, WaitingReason } from './contracts';

export const reasonTexts: Record<RunReason, string> = {
  not_placed: 'Nobody was called. The same call can be placed again.',
  busy: 'The line was busy.',
  declined: 'The call was declined.',
  no_answer: 'Nobody answered in time.',
  unavailable: 'The phone was switched off or out of coverage.',
  unreachable: 'The network found no way to the phone.',
  invalid_number: 'The number does not exist.',
  refused_by_carrier: 'The carrier refused the call.',
  carrier_overloaded: 'The carrier had no capacity for the call.',
  canceled: 'The call was canceled.',
  voicemail: 'A machine answered.',
  fax: 'A fax answered.',
  agent_unreachable: 'The carrier could not reach this server when the call was answered.',
  announcement_failed: 'The call was answered, and the announcement could not be played.',
  broken_off: 'An error ended the call.',
  no_report: 'The carrier stopped reporting on the call.',
  expired: 'The call was not placed in its time.',
  agent_archived: 'The agent was archived before the call was placed.',
  do_not_call: 'The number must not be called.',
  destination_refused: 'The destination policy refused the number when the call was due.',
  refused_at_dial: 'The call could not be placed when it was due.',
  unknown: 'The carrier did not say how the call ended.',
};

const waitingFor: Record<WaitingReason, string> = {
  time: 'its time',
  hours: 'the calling hours',
  number_limit: 'the limit of calls to its number',
  slot: 'a free slot',
  pace: 'its turn at the carrier account',
  carrier: 'a carrier that could not be reached',
  campaign: 'its turn in its campaign',
};

/** @returns what a queued call waits for, without a full stop; undefined for any other call. */
export function waitingText({ status, waiting_for: reason, due_at: dueAt }: Run): string | undefined {
  if (status !== 'queued') return undefined;
  const what = reason ? `The call waits for ${waitingFor[reason]}` : 'The call waits';
  return dueAt ? `${what} and is due at ${dueAt}` : what;
}
