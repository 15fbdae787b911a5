import {
  createTextChatRequest,
  endTextChatRequest,
  rewindTextChatRequest,
  textChat,
  textChatMessage,
  type JsonObject,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { isJsonObject, type FieldVerdict } from '../../http/body/unknown-fields';
import { idParameter } from '../../http/parameters';
import { route, type Identity, type Route } from '../../http/route';
import { reservedKeys } from '../../runs/prompt-context';
import { createChat, readChat, rewindChat } from './chats';
import type { ChatPlace } from './claim';
import { endChat } from './end';
import { inChatPlace } from './places';
import { sendMessage, type ChatServices } from './turn';

const base = '/workflow/{workflow_id}/text-chat/sessions';
const common = { tag: 'Chats', auth: 'member', reply: textChat } as const;
const one = {
  ...common,
  params: z.object({ workflow_id: idParameter, run_id: idParameter }),
  notFound: 'Text chat session not found',
} as const;

const isCall = 'The run is a call.';
const missing = 'The agent has no such text chat.';
const changed = 'The chat has another revision, or a turn of it is under way.';
const hasEnded = `${isCall} Or the chat has ended.`;
const tooMany = 'Too many text chats of the organization wait for their replies. Nothing was done.';
const stopping = 'The server is stopping. Nothing was done.';

function placeOf(
  { organizationId }: Identity,
  { workflow_id: workflowId, run_id: runId }: { workflow_id: number; run_id: number },
): ChatPlace {
  return { organizationId, workflowId, runId };
}

function judgeContext({ initial_context: context }: JsonObject): FieldVerdict {
  const names = isJsonObject(context) ? [...reservedKeys].filter((name) => Object.hasOwn(context, name)) : [];
  return { faults: [], ignored: names.map((name) => `initial_context.${name}`) };
}

export function textChatRoutes(services: ChatServices): Route[] {
  return [
    route({
      ...common,
      method: 'post',
      scope: 'admin',
      path: base,
      params: z.object({ workflow_id: idParameter }),
      notFound: 'Workflow with ID {workflow_id} not found',
      summary: 'Talk with an agent by text, without a phone',
      description:
        'With its draft, or with the published version where there is no draft. Its opening is in the reply. Each chat is a run with the mode textchat: it takes no slot and no carrier, and policies for calls do not apply. Without a language model, the built-in script answers, and says so.',
      body: createTextChatRequest,
      judgeBody: judgeContext,
      refusals: {
        404: 'The organization has no such agent.',
        409: 'The agent has no execution owner.',
        429: tooMany,
        500: 'The opening failed, with the reason and the run. The chat is there, and goes on with the next message.',
        503: stopping,
      },
      async handle(input, identity) {
        const { params, body } = input;
        const noteRun = (runId: number) => {
          input.noteRun(runId);
        };
        return inChatPlace(services, identity.organizationId, async () => {
          const place = await createChat(services, identity, params.workflow_id, body, noteRun);
          return readChat(services, place);
        });
      },
    }),
    route({
      ...one,
      method: 'get',
      scope: 'read',
      path: `${base}/{run_id}`,
      summary: 'A text chat: what was said, and where it stands',
      refusals: { 400: isCall, 404: missing },
      handle: ({ params }, identity) => readChat(services, placeOf(identity, params)),
    }),
    route({
      ...one,
      method: 'post',
      scope: 'admin',
      path: `${base}/{run_id}/messages`,
      summary: 'Say something, and wait for the reply of the agent',
      description:
        'Lasts as long as the language model needs. Send expected_revision: if the reply is lost, the same message can then be sent again, and gets the same reply.',
      body: textChatMessage,
      refusals: {
        400: `${hasEnded} Or it has become too long for a further turn.`,
        404: missing,
        409: changed,
        429: tooMany,
        500: 'The turn failed, with the reason. It is no part of the conversation, which goes on with the next message.',
        503: `The same message is being answered, and not in time. Or: ${stopping}`,
      },
      async handle({ params, body: { text, expected_revision: expected = null } }, identity) {
        const place = placeOf(identity, params);
        return inChatPlace(services, identity.organizationId, async () => {
          await sendMessage(services, place, { text, expected });
          return readChat(services, place);
        });
      },
    }),
    route({
      ...one,
      method: 'post',
      scope: 'admin',
      path: `${base}/{run_id}/rewind`,
      summary: 'Go back to an earlier turn',
      description:
        'The next message follows that turn. What the run has gathered and used by now is not taken back.',
      body: rewindTextChatRequest,
      refusals: { 400: hasEnded, 404: `${missing} Or it has no such turn.`, 409: changed },
      async handle({ params, body }, identity) {
        const place = placeOf(identity, params);
        await rewindChat(services, place, body);
        return readChat(services, place);
      },
    }),
    route({
      ...one,
      method: 'post',
      scope: 'admin',
      path: `${base}/{run_id}/end`,
      summary: 'End a text chat',
      description:
        'The values of its last step are extracted, its transcript is ready, and the webhook nodes of its agent hear of it; subscriptions to events of calls do not. Once it has ended, a repeat changes nothing.',
      body: endTextChatRequest,
      refusals: { 400: isCall, 404: missing, 409: changed, 429: tooMany, 503: stopping },
      async handle({ params, body: { expected_revision: expected = null } }, identity) {
        const place = placeOf(identity, params);
        return inChatPlace(services, identity.organizationId, async () => {
          await endChat(services, place, { expected, ifIdle: false });
          return readChat(services, place);
        });
      },
    }),
  ];
}
