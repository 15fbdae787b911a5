/** A text chat under its lock: who may write it, and who computes for it. One process at a time. */
import { textChatMode, type RevisionConflict } from '@dograh-trigger/shared';
import { Problem } from '../../problem';
import { findRun, type RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import type { Session, WriteSession } from '../../storage/port';
import { claimOf, isHeld } from '../talk/claim';
import { turnMilliseconds } from '../talk/deadline';
import { chatQuery, releaseQuery, saveChatQuery, type ChatRow } from './store';
import { withLastTurn, type StoredChat } from './stored-chat';

/**
 * Longer than a turn can take, with the values that the agent asks for before it and those that are extracted after it.
 * Earlier, only the claim of a process that is gone is taken over.
 */
export const claimMilliseconds = 2 * turnMilliseconds + 30_000;

/** Where a caller looks for a chat. */
export interface ChatPlace {
  organizationId: number;
  workflowId: number;
  runId: number;
}

export interface FoundChat {
  run: RunRow;
  row: ChatRow;
  chat: StoredChat;
}

/** @throws Problem not_found; bad_request for the run of a call. */
export async function findChat(
  session: Session,
  { organizationId, workflowId, runId }: ChatPlace,
): Promise<FoundChat> {
  const run = await findRun(session, runId);
  if (run?.organization_id !== organizationId || run.agent_id !== workflowId) throw chatNotFound();
  if (run.mode !== textChatMode) throw new Problem('bad_request', 'Workflow run is not a text chat session');
  const row = await chatQuery.first(session, { runId });
  // Its run was erased, or retention has removed what was said.
  if (row === undefined) throw chatNotFound();
  return { run, row, chat: JSON.parse(row.chat) as StoredChat };
}

function chatNotFound(): Problem {
  return new Problem('not_found', 'Text chat session not found');
}

export async function lockChat(session: WriteSession, place: ChatPlace): Promise<FoundChat> {
  await session.lock('run', place.runId);
  return findChat(session, place);
}

/** Whether a process computes for it now. */
export async function isClaimed(
  services: Pick<Services, 'clock' | 'thisProcess'>,
  session: Session,
  {
    claim,
    claimed_by: claimedBy,
    claimed_until: claimedUntil,
  }: Pick<ChatRow, 'claim' | 'claimed_by' | 'claimed_until'>,
): Promise<boolean> {
  return claim !== null && (await isHeld(services, session, { claimedBy, claimedUntil }));
}

/** @param expected null: any revision. @throws Problem conflict, in Dograh's form. */
export function requireRevision({ revision }: ChatRow, expected: number | null): void {
  if (expected !== null && expected !== revision) throw revisionConflict(expected, revision);
}

export function revisionConflict(expected: number | null, actual: number): Problem {
  const detail: RevisionConflict = {
    message: 'Text chat session revision conflict',
    expected_revision: expected,
    actual_revision: actual,
  };
  return new Problem('conflict', detail);
}

/** A turn whose process is gone never gets its answer. */
export function withoutAbandonedTurn(chat: StoredChat): StoredChat {
  if (chat.turns.at(-1)?.status !== 'pending') return chat;
  return withLastTurn(chat, { status: 'failed', error: 'The server stopped during this turn' });
}

type Saving = Pick<Services, 'clock' | 'thisProcess'>;

/** @param claim of who computes from now on; null: nobody. */
export async function saveChat(
  services: Saving,
  session: WriteSession,
  runId: number,
  saved: { revision: number; chat: StoredChat; claim: string | null },
): Promise<void> {
  await saveChatQuery.changes(session, { runId, ...chatColumns(services, saved) });
}

/** The columns that a write sets. */
export function chatColumns(
  services: Saving,
  { revision, chat, claim }: { revision: number; chat: StoredChat; claim: string | null },
) {
  const { clock } = services;
  const now = clock.steady().getTime();
  const hasEnded = chat.status === 'completed';
  return {
    revision,
    chat: JSON.stringify(chat),
    claim,
    ...(claim === null ? { claimedBy: null, claimedUntil: null } : claimOf(services, claimMilliseconds)),
    idleAt: hasEnded ? null : new Date(now + chat.idleSeconds * 1000).toISOString(),
    at: clock.now().toISOString(),
  };
}

/** Ends a claim whose computation came to nothing. */
export function releaseChat({ storage }: Pick<Services, 'storage'>, runId: number, claim: string) {
  return storage.write((session) => releaseQuery.changes(session, { runId, claim }));
}
