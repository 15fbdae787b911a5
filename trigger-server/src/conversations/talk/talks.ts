/** How far the conversation of a call has come, and how it is forgotten. */
import type { JsonObject } from '@dograh-trigger/shared';
import type { CallAttempt } from '../../carriers/port/call-name';
import { idList } from '../../storage/id-list';
import type { Session, Storage } from '../../storage/port';
import { newTalk, type TalkState } from '../engine/state';
import { beginQuery, forgetQuery, openRelayQuery, readReply, talkQuery, type StoredReply } from './store';

export type { StoredReply };

/** @returns the next turn, and the reply of the one before; null for a conversation that has not begun. */
export async function progressOf(
  session: Session,
  { runId, attempt }: CallAttempt,
): Promise<{ turn: number; reply: StoredReply | null } | null> {
  const row = await talkQuery.first(session, { runId, attempt });
  if (row === undefined) return null;
  return { turn: row.turn, reply: readReply(row) };
}

/** What a conversation has gathered by now, with the values that were extracted. Empty for one that has not begun. */
export async function gatheredIn(session: Session, { runId, attempt }: CallAttempt): Promise<JsonObject> {
  const row = await talkQuery.first(session, { runId, attempt });
  return row === undefined ? {} : (JSON.parse(row.state) as TalkState).gathered;
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
