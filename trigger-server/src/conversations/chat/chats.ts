/** Text chats: how they are made, read, taken back and forgotten. */
import {
  textChatMode,
  type CreateTextChatRequest,
  type JsonObject,
  type RewindTextChatRequest,
  type TextChat,
} from '@dograh-trigger/shared';
import { resolveTrigger, type TriggeredAgent } from '../../agents/resolve-trigger';
import type { Identity } from '../../http/route';
import { Problem } from '../../problem';
import { openRuns } from '../../runs/open-run';
import { findRunState, saveRunState } from '../../runs/run-state';
import type { Services } from '../../services';
import { idList } from '../../storage/id-list';
import type { Session, WriteSession } from '../../storage/port';
import { reservedKeys } from '../../runs/prompt-context';
import { newTurnId, requireOpen } from './begin';
import {
  chatColumns,
  findChat,
  isClaimed,
  lockChat,
  requireRevision,
  revisionConflict,
  saveChat,
  withoutAbandonedTurn,
  type ChatPlace,
} from './claim';
import { presentChat } from './present';
import { forgetQuery, insertChatQuery } from './store';
import { withNewTurn, type StoredChat } from './stored-chat';
import { runTurn, type ChatServices } from './turn';

const usualIdleSeconds = 1800;

/** Later than any: the watchdog is for calls, whose carriers may fall silent. */
const never = '9999-12-31T23:59:59.999Z';

/**
 * Makes a chat with the draft of an agent, or with its published version where there is no draft, and computes its
 * opening.
 * @param noteRun called with its run as soon as the chat is there, also if the opening fails.
 * @throws Problem not_found; conflict (no execution owner); failed, in Dograh's words, and with its run, where the opening
 * failed: the chat is then there, and can be written to.
 */
export async function createChat(
  services: ChatServices,
  identity: Identity,
  workflowId: number,
  request: CreateTextChatRequest,
  noteRun: (runId: number) => void,
): Promise<ChatPlace> {
  const { organizationId } = identity;
  const agent = await requireAgentOf(services, organizationId, workflowId);
  const claim = services.chance.uuid();
  const runId = await services.storage.write((session) =>
    insertChat(services, session, { identity, agent, request, claim }),
  );
  const place = { organizationId, workflowId, runId };
  noteRun(runId);
  try {
    await runTurn(services, place, claim);
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== 'failed') throw error;
    throw new Problem('failed', `${error.message} (The text chat is there, as run ${String(runId)}.)`);
  }
  return place;
}

async function requireAgentOf(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  workflowId: number,
): Promise<TriggeredAgent> {
  try {
    return await resolveTrigger(services, organizationId, { agentId: workflowId }, 'test');
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== 'not_found') throw error;
    throw new Problem('not_found', `Workflow with ID ${String(workflowId)} not found`, { code: error.code });
  }
}

async function insertChat(
  services: Pick<Services, 'clock' | 'chance' | 'thisProcess'>,
  session: WriteSession,
  {
    identity,
    agent,
    request,
    claim,
  }: { identity: Identity; agent: TriggeredAgent; request: CreateTextChatRequest; claim: string },
): Promise<number> {
  const { clock, chance } = services;
  const { organizationId, apiKeyId, sessionId } = identity;
  const now = clock.now();
  const at = now.toISOString();
  await session.lock('organization', organizationId);
  const [runId] = await openRuns(session, [
    {
      place: 'nothing',
      run: {
        organization_id: organizationId,
        agent_id: agent.agentId,
        definition_id: agent.definitionId,
        name: request.name ?? `WR-TEXT-${chance.uuid().slice(0, 6).toUpperCase()}`,
        mode: textChatMode,
        trigger_mode: agent.isDraft ? 'test' : 'production',
        trigger_path: null,
        telephony_configuration_id: 0,
        called_number: '',
        caller_number: null,
        initial_context: JSON.stringify(contextOf(agent, request)),
        created_at: at,
        deadline_at: never,
        is_recorded: 0,
        language: null,
        voice: null,
        voicemail: null,
        fallback_from: null,
        ignored_fields: null,
        unresolved_variables: null,
        owner: null,
        source: sessionId === null ? 'api' : 'session',
        trace: null,
        api_key_id: apiKeyId,
      },
    },
  ]);
  const run = runId === undefined ? undefined : await findRunState(session, runId);
  if (run === undefined) throw new Error('The run of a new text chat is not there');
  await saveRunState(
    session,
    { ...run, status: 'answered', answered_at: at, answered_steady_at: clock.steady().toISOString() },
    null,
  );
  const chat = withNewTurn(emptyChat(agent), {
    id: newTurnId(services),
    message: null,
    fromRevision: 0,
    at: now,
  });
  await insertChatQuery.changes(session, {
    runId: run.id,
    ...chatColumns(services, { revision: 1, chat, claim }),
    annotations: JSON.stringify({
      tester: { source: 'workflow_editor', modality: 'text' },
      ...request.annotations,
    }),
  });
  return run.id;
}

function emptyChat({ configurations }: TriggeredAgent): StoredChat {
  const idleSeconds = configurations.text_chat_inactivity_timeout_seconds ?? usualIdleSeconds;
  return { status: 'idle', cursor: null, turns: [], discarded: [], tokens: 0, idleSeconds };
}

function contextOf(
  { templateVariables }: TriggeredAgent,
  { initial_context: given }: CreateTextChatRequest,
): JsonObject {
  const fromCaller = Object.entries(given ?? {}).filter(([name]) => !reservedKeys.has(name));
  return { ...templateVariables, ...Object.fromEntries(fromCaller) };
}

/** @throws Problem as `findChat`. */
export async function readChat(services: Pick<Services, 'storage'>, place: ChatPlace): Promise<TextChat> {
  const { run, row } = await findChat(services.storage.read, place);
  return presentChat(run, row);
}

/**
 * The next message follows the turn that is named. What the run has gathered and used by now stays.
 * @throws Problem not_found, also for the turn; bad_request once the chat has ended; conflict where it has another
 * revision, or a turn is under way.
 */
export async function rewindChat(
  services: Pick<Services, 'storage' | 'clock' | 'thisProcess'>,
  place: ChatPlace,
  { cursor_turn_id: cursor = null, expected_revision: expected = null }: RewindTextChatRequest,
): Promise<void> {
  await services.storage.write(async (session) => {
    const found = await lockChat(session, place);
    const { row, chat } = found;
    requireOpen(found);
    requireRevision(row, expected);
    if (await isClaimed(services, session, row)) throw revisionConflict(expected, row.revision);
    if (cursor !== null && !chat.turns.some(({ id }) => id === cursor)) {
      throw new Problem('not_found', 'Turn not found in text chat session');
    }
    await saveChat(services, session, place.runId, {
      revision: row.revision + 1,
      chat: { ...withoutAbandonedTurn(chat), cursor, status: cursor === null ? 'idle' : 'rewound' },
      claim: null,
    });
  });
}

/** Removes what was said in the text chats among these runs. @param runIds at most `mostIds`. */
export async function forgetChats(session: Session, runIds: readonly number[]): Promise<void> {
  await forgetQuery.changes(session, idList(runIds));
}
