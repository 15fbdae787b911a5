/** How far the conversation of a call has come, and how it is forgotten. */
import type { CallAttempt } from '../../carriers/port/call-name';
import type { TalkProgress, TalkReply } from '../../carriers/port/talk';
import { idList } from '../../storage/id-list';
import type { Session } from '../../storage/port';
import { forgetQuery, talkQuery } from './store';

/** @returns null for a conversation that has not begun. */
export async function progressOf(
  session: Session,
  { runId, attempt }: CallAttempt,
): Promise<Pick<TalkProgress, 'turn' | 'reply'> | null> {
  const row = await talkQuery.first(session, { runId, attempt });
  if (row === undefined) return null;
  const { turn, reply } = row;
  return { turn, reply: reply === null ? null : (JSON.parse(reply) as TalkReply) };
}

/** Removes what was said in the conversations of these runs. @param runIds at most `mostIds`. */
export async function forgetTalks(session: Session, runIds: readonly number[]): Promise<void> {
  await forgetQuery.changes(session, idList(runIds));
}
