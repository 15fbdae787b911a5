/** How far the conversation of a call has come, and how it is forgotten. */
import type { CallAttempt } from '../../carriers/port/call-name';
import type { TalkProgress, TalkReply } from '../../carriers/port/talk';
import { idList } from '../../storage/id-list';
import type { Session, Storage } from '../../storage/port';
import { newTalk } from '../engine/state';
import { beginQuery, forgetQuery, openRelayQuery, talkQuery } from './store';

/** @returns null for a conversation that has not begun. */
export async function progressOf(
  session: Session,
  { runId, attempt }: CallAttempt,
): Promise<(Pick<TalkProgress, 'turn' | 'reply'> & { isRelayed: boolean }) | null> {
  const row = await talkQuery.first(session, { runId, attempt });
  if (row === undefined) return null;
  const { turn, reply, relayed_at: relayedAt } = row;
  return {
    turn,
    reply: reply === null ? null : (JSON.parse(reply) as TalkReply),
    isRelayed: relayedAt !== null,
  };
}

/** Whether this is the first time that the carrier opens the relay of a call. Its address counts once. */
export function openRelay(storage: Storage, { runId, attempt }: CallAttempt, at: Date): Promise<boolean> {
  const of = { runId, attempt };
  return storage.write(async (session) => {
    await session.lock('run', runId);
    await beginQuery.changes(session, { ...of, state: JSON.stringify(newTalk()) });
    return (await openRelayQuery.changes(session, { ...of, at: at.toISOString() })) === 1;
  });
}

/** Removes what was said in the conversations of these runs. @param runIds at most `mostIds`. */
export async function forgetTalks(session: Session, runIds: readonly number[]): Promise<void> {
  await forgetQuery.changes(session, idList(runIds));
}
