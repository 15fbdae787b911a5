/**
 * Ends a text chat: by request, or because nobody writes any more. The values of its last step are extracted first. Until
 * they are there nothing is written, so an end that is broken off is made again.
 */
import { findRun } from '../../runs/runs';
import { findRunState } from '../../runs/run-state';
import { stopping } from '../../problem';
import type { EndReason } from '../engine/port';
import { tokensOf } from '../talk/ask-values';
import { claimOf } from '../talk/claim';
import { writeResults } from '../talk/results';
import { loadTalk } from '../talk/script';
import {
  claimMilliseconds,
  isClaimed,
  lockChat,
  releaseChat,
  requireRevision,
  revisionConflict,
  saveChat,
  withoutAbandonedTurn,
  type ChatPlace,
} from './claim';
import { computeChatTurn } from './compute';
import { finishRun } from './finish';
import { claimChatQuery } from './store';
import { stateOf, withLastTurn, type StoredChat } from './stored-chat';
import type { ChatServices } from './turn';

/**
 * Changes nothing where it has ended.
 * @returns whether this call of it has ended the chat.
 * @param when `expected`: null for any revision. `ifIdle`: only if its time without a message is over. `reason`: by default
 * its writer has left.
 * @throws Problem not_found; conflict where it has another revision, or a turn is under way; unavailable where the server
 * stops before the values are there.
 */
export async function endChat(
  services: ChatServices,
  place: ChatPlace,
  when: { expected: number | null; ifIdle: boolean; reason?: 'canceled' },
): Promise<boolean> {
  const { storage, chance } = services;
  const reason: EndReason = when.reason ?? 'user_hangup';
  const claim = chance.uuid();
  const chat = await storage.write((session) => claimEnd(services, session, place, { ...when, claim }));
  if (chat === null) return false;
  try {
    const run = await findRun(storage.read, place.runId);
    if (run === undefined) return false;
    const talk = await loadTalk(services, run);
    const before = stateOf(chat);
    const computed = await computeChatTurn(
      services,
      talk,
      before,
      { kind: 'hung_up', reason },
      `end_${claim}`,
    );
    const { usage, events } = computed;
    // A server that stops sends no more requests.
    if (services.carrier.isClosed && usage.length === 0 && events.length > 0)
      throw stopping('the text chat was not ended');
    // It ends also where its last step is no longer in the draft, whose values are then not extracted.
    const state = computed.error === null ? computed.state : { ...before, ended: reason };
    const isEventDue = await storage.write(async (session) => {
      const { row } = await lockChat(session, place);
      const now = await findRunState(session, place.runId);
      if (row.claim !== claim || now === undefined) return null;
      const at = services.clock.now();
      const ended = withLastTurn(chat, {
        events: [
          ...(chat.turns.at(-1)?.events ?? []),
          { type: 'session_end', created_at: at.toISOString(), payload: { reason: state.ended } },
        ],
      });
      await saveChat(services, session, place.runId, {
        revision: row.revision + 1,
        chat: { ...ended, status: 'completed', tokens: chat.tokens + tokensOf(usage) },
        claim: null,
      });
      const { processor } = talk;
      const { gathered } = state;
      const turn = chat.turns.length;
      await writeResults(session, now, { turn, events, gathered, usage, processor }, at);
      return finishRun(services, session, place.runId, state);
    });
    if (isEventDue === true) services.deliveryAlarm.ringIn(0);
    return isEventDue !== null;
  } finally {
    await releaseChat(services, place.runId, claim);
  }
}

/** Null where there is nothing to end. */
async function claimEnd(
  services: ChatServices,
  session: Parameters<typeof lockChat>[0],
  place: ChatPlace,
  { expected, ifIdle, claim }: { expected: number | null; ifIdle: boolean; claim: string },
): Promise<StoredChat | null> {
  const { run, row, chat: stored } = await lockChat(session, place);
  if (run.completed_at !== null) return null;
  const isBusy = await isClaimed(services, session, row);
  const isIdle = row.idle_at !== null && row.idle_at <= services.clock.steady().toISOString();
  if (ifIdle && (isBusy || !isIdle)) return null;
  requireRevision(row, expected);
  if (isBusy) throw revisionConflict(expected, row.revision);
  await claimChatQuery.changes(session, {
    runId: place.runId,
    claim,
    ...claimOf(services, claimMilliseconds),
  });
  return withoutAbandonedTurn(stored);
}
