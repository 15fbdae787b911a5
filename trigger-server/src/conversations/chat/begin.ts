/** Begins a turn of a text chat: it is stored before the model is asked, so that it is asked once. */
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { WriteSession } from '../../storage/port';
import {
  isClaimed,
  lockChat,
  requireRevision,
  revisionConflict,
  saveChat,
  withoutAbandonedTurn,
  type ChatPlace,
  type FoundChat,
} from './claim';
import { countTurns, mostChatCharacters, mostTurns, withNewTurn } from './stored-chat';

type Needs = Pick<Services, 'clock' | 'chance' | 'thisProcess'>;

/** Whose turn it is: the caller's; another process's, for the same message; or nobody's, because it is computed. */
export type Begun = { kind: 'claimed'; claim: string } | { kind: 'busy'; claim: string } | { kind: 'known' };

/**
 * @param expected the revision that the caller knows; null: any.
 * @throws Problem not_found; bad_request once the chat has ended; conflict where it has another revision.
 */
export async function beginMessage(
  services: Needs,
  session: WriteSession,
  place: ChatPlace,
  { text, expected }: { text: string; expected: number | null },
): Promise<Begun> {
  const { clock, chance } = services;
  const found = await lockChat(session, place);
  const { run, row, chat } = found;
  const claim = chance.uuid();
  const isBusy = await isClaimed(services, session, row);
  if (isRepeated(found, text, expected)) {
    if (chat.turns.at(-1)?.status !== 'pending') return { kind: 'known' };
    if (isBusy && row.claim !== null) return { kind: 'busy', claim: row.claim };
    await saveChat(services, session, run.id, { revision: row.revision, chat, claim });
    return { kind: 'claimed', claim };
  }
  requireOpen(found);
  requireRevision(row, expected);
  if (isBusy) throw revisionConflict(expected, row.revision);
  if (countTurns(chat) >= mostTurns) {
    throw new Problem(
      'bad_request',
      `This text chat has had ${String(mostTurns)} turns, and gets no further one. Start another one.`,
    );
  }
  if (row.chat.length > mostChatCharacters) {
    throw new Problem(
      'bad_request',
      'This text chat has become too long for a further turn. Start another one.',
    );
  }
  const next = withNewTurn(withoutAbandonedTurn(chat), {
    id: newTurnId(services),
    message: text,
    fromRevision: row.revision,
    at: clock.now(),
  });
  await saveChat(services, session, run.id, { revision: row.revision + 1, chat: next, claim });
  return { kind: 'claimed', claim };
}

/** Whether the message came before, to the same revision, and nothing else has happened since. */
function isRepeated({ row, chat }: FoundChat, text: string, expected: number | null): boolean {
  const last = chat.turns.at(-1);
  if (last === undefined || last.fromRevision !== expected || last.user_message?.text !== text) return false;
  return row.revision === expected + (last.status === 'pending' ? 1 : 2);
}

/** @throws Problem bad_request. */
export function requireOpen({ run }: Pick<FoundChat, 'run'>): void {
  if (run.completed_at !== null) throw new Problem('bad_request', 'Text chat session has ended');
}

export function newTurnId({ chance }: Pick<Services, 'chance'>): string {
  return `turn_${chance.uuid().replaceAll('-', '').slice(0, 12)}`;
}
