/** The results of a conversation whose call has ended in the middle of it: canceled, cut off, or hung up by its carrier. */
import type { CallAttempt } from '../../carriers/port/call-name';
import type { Conversation } from '../../carriers/port/report';
import type { EndReason } from '../engine/port';
import type { TalkState } from '../engine/state';
import { endTalk } from './end-talk';
import { talkQuery } from './store';
import { takeTurn } from './take-turn';
import type { TalkServices } from './talk-services';

/** Endings of a run that are the ending of its conversation too. Any other one is a callee who has hung up. */
const reasons: readonly EndReason[] = ['canceled', 'error', 'call_duration_exceeded'];

/**
 * Ends the conversation where nothing has, and extracts the values of the step at which it stood, like those of the steps
 * before. It can be asked for again.
 * @param disposition of the run, which has ended.
 * @returns null while another one computes a turn or extracts values: ask again in a while. `none`: it has not begun.
 */
export async function concludeTalk(
  services: TalkServices,
  call: CallAttempt,
  disposition: string | null,
): Promise<Conversation | 'none' | null> {
  const { runId, attempt } = call;
  const read = () => talkQuery.first(services.storage.read, { runId, attempt });
  const row = await read();
  if (row === undefined) return 'none';
  const reason = reasons.find((word) => word === disposition) ?? 'user_hangup';
  const end = { kind: 'hung_up', reason } as const;
  // Words whose process was killed before it had answered them. They count like all others, and have a turn of their own.
  if (row.heard !== null && (await takeTurn(services, call, row.turn, end)) === null) return null;
  const { turn, state } = (await read()) ?? row;
  if ((JSON.parse(state) as TalkState).ended === null) {
    if ((await takeTurn(services, call, turn, end)) === null) return null;
  }
  return (await endTalk(services, call))?.conversation ?? null;
}
