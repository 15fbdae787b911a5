/** Sessions of signed-in people. A token names a row, so that a session can be ended before its token expires. */
import { describeError } from '../../describe-error';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import {
  deleteAllIdleSessions,
  deleteIdleSessions,
  deleteSession,
  findPasswordReset,
  findSession,
  insertSession,
  touchSession,
} from './session-store';
import { issueToken, readToken } from './tokens';

const idleMilliseconds = 12 * 60 * 60 * 1000;
/** The precision of `last_seen_at`. A write on every request would cost too much. */
const touchIntervalMilliseconds = 60_000;

export interface OpenSession {
  sessionId: string;
  userId: number;
  organizationId: number;
}

/** For how long a session that a sign-in link has opened may set a new password without the current one. */
const passwordResetMilliseconds = 15 * 60_000;

/**
 * Opens a session, and deletes the user's sessions that are idle for too long.
 * @param options.mayResetPassword whether it may set a new password without the current one, for 15 minutes.
 * @returns its token.
 */
export async function openSession(
  services: Pick<Services, 'clock' | 'chance' | 'secrets'>,
  session: Session,
  user: { id: number; email: string },
  options: { mayResetPassword: boolean } = { mayResetPassword: false },
): Promise<string> {
  const now = services.clock.steady();
  const resetUntil = new Date(now.getTime() + passwordResetMilliseconds).toISOString();
  const id = services.chance.uuid();
  await deleteIdleSessions(session, user.id, new Date(now.getTime() - idleMilliseconds).toISOString());
  await insertSession(session, {
    id,
    userId: user.id,
    at: now.toISOString(),
    passwordResetUntil: options.mayResetPassword ? resetUntil : null,
  });
  return issueToken(services, user, id);
}

/**
 * The session of a token; null when the token is forged or has expired, or the session was ended or idle for 12 hours.
 */
export async function findOpenSession(
  services: Pick<Services, 'storage' | 'clock' | 'secrets' | 'log'>,
  token: string,
): Promise<OpenSession | null> {
  const claims = readToken(services, token);
  if (claims === null) return null;
  const { sessionId, userId } = claims;
  const row = await findSession(services.storage.read, sessionId, userId);
  if (row === undefined) return null;
  const idle = idleTime(services, row);
  if (idle >= idleMilliseconds) return null;
  if (idle >= touchIntervalMilliseconds) noteUse(services, sessionId, services.clock.steady());
  return { sessionId, userId, organizationId: row.organization_id };
}

/** Whether the session was neither ended nor idle for 12 hours. */
export async function isSessionOpen(
  services: Pick<Services, 'storage' | 'clock'>,
  { sessionId, userId }: { sessionId: string; userId: number },
): Promise<boolean> {
  const row = await findSession(services.storage.read, sessionId, userId);
  return row !== undefined && idleTime(services, row) < idleMilliseconds;
}

/** Whether the session may set a new password without the current one. */
export async function mayResetPassword(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
  sessionId: string,
): Promise<boolean> {
  const until = await findPasswordReset(session, sessionId);
  return until !== null && clock.steady().getTime() < Date.parse(until);
}

function idleTime({ clock }: Pick<Services, 'clock'>, { last_seen_at }: { last_seen_at: string }): number {
  return clock.steady().getTime() - Date.parse(last_seen_at);
}

/** Runs in the background: the request neither waits for it nor fails with it. */
function noteUse(services: Pick<Services, 'storage' | 'log'>, id: string, at: Date): void {
  services.storage
    .write((session) => touchSession(session, id, at.toISOString()))
    .catch((error: unknown) => {
      services.log.warn({ error: describeError(error) }, 'the last use of a session could not be noted');
    });
}

/** Deletes the sessions of all users that are idle for too long. */
export async function forgetIdleSessions(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
): Promise<void> {
  await deleteAllIdleSessions(session, new Date(clock.steady().getTime() - idleMilliseconds).toISOString());
}

/** Ends the session: its token stops at once. */
export function endSession(session: Session, sessionId: string): Promise<void> {
  return deleteSession(session, sessionId);
}
