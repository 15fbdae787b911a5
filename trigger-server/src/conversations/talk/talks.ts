/** How far the conversation of a call has come, and how it is forgotten. */
import type { CallAttempt } from '../../carriers/port/call-name';
import type { StatusReport } from '../../carriers/port/report';
import type { TalkProgress, TalkReply } from '../../carriers/port/talk';
import { idList } from '../../storage/id-list';
import type { Session, WriteSession } from '../../storage/port';
import { forgetQuery, keepEndQuery, talkQuery } from './store';

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

/** The end of a call whose conversation is not finished yet. */
export interface HeldEnd {
  report: StatusReport;
  /** When it was reported, by the steady clock. */
  at: string;
}

/** Keeps the report on the end of a call until its conversation is finished. @returns false for a call that holds none. */
export async function holdEnd(
  session: WriteSession,
  { runId, attempt }: CallAttempt,
  end: HeldEnd,
): Promise<boolean> {
  if ((await talkQuery.first(session, { runId, attempt })) === undefined) return false;
  await keepEndQuery.changes(session, { runId, attempt, report: JSON.stringify(end) });
  return true;
}

/** @returns null while the call goes on. */
export async function heldEndOf(session: Session, { runId, attempt }: CallAttempt): Promise<HeldEnd | null> {
  const report = (await talkQuery.first(session, { runId, attempt }))?.end_report ?? null;
  return report === null ? null : (JSON.parse(report) as HeldEnd);
}

/** Removes what was said in the conversations of these runs. @param runIds at most `mostIds`. */
export async function forgetTalks(session: Session, runIds: readonly number[]): Promise<void> {
  await forgetQuery.changes(session, idList(runIds));
}
