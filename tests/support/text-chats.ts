/** Writes text chats through the API, with a model that plays what it is told to. */
import { saveConfiguration } from '../../trigger-server/src/conversations/model/configuration-store';
import type { JsonObject, TextChat } from '@dograh-trigger/shared';
import { called, playedModel, type Played } from './talks';
import type { Account, TestServer } from './test-server';

/** From now on, the organization's model plays these replies. */
export function playModel({ services }: Pick<TestServer, 'services'>, ...replies: Played[]) {
  const model = playedModel(...replies);
  Object.assign(services, {
    languageModel: () =>
      Promise.resolve({
        model,
        provider: 'played',
        name: 'played-1',
        processor: 'PlayedLLM#0',
        isScripted: false,
      }),
  });
  return model;
}

/** The model answers turns; what it does with a request for values is up to the organization. */
export function playValues(
  { services }: Pick<TestServer, 'services'>,
  extraction: (organizationId: number) => Promise<string>,
): void {
  Object.assign(services, {
    languageModel: (organizationId: number) => {
      const spoken = playedModel(called('right_person_'), { text: 'What is your budget?' });
      const model: typeof spoken = {
        ...spoken,
        async reply(request, onText, signal) {
          if (request.streamed) return spoken.reply(request, onText, signal);
          const text = await extraction(organizationId);
          return playedModel({ text }).reply(request, onText, signal);
        },
      };
      return Promise.resolve({ model, provider: 'played', name: 'p', processor: 'P#0', isScripted: false });
    },
  });
}

/** The organization has a language model of its own, which is not asked where a model is played. */
export async function configureModel(
  { services: { storage, secrets, clock } }: Pick<TestServer, 'services'>,
  { organizationId }: Pick<Account, 'organizationId'>,
): Promise<void> {
  const llm = { provider: 'speaches', model: 'm', base_url: 'http://127.0.0.1:9/v1' };
  const configuration = { version: 2, mode: 'byok', byok: { mode: 'pipeline', pipeline: { llm } } };
  await storage.write((session) =>
    saveConfiguration(session, {
      organization_id: organizationId,
      configuration: secrets.encrypt(JSON.stringify(configuration)),
      updated_at: clock.now().toISOString(),
    }),
  );
}

/** The model answers each of its requests once it is let go. */
export function holdModel(model: ReturnType<typeof playModel>) {
  const reply = model.reply.bind(model);
  let noteAsked: () => void = () => undefined;
  let letGo: () => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => (noteAsked = resolve));
  const held = new Promise<void>((resolve) => (letGo = resolve));
  return Object.assign(model, {
    isAsked,
    letGo: () => {
      letGo();
    },
    async reply(...request: Parameters<typeof reply>) {
      noteAsked();
      await held;
      return reply(...request);
    },
  });
}

type Caller = Pick<TestServer, 'request'>;

/** A request about text chats that is not checked. @param path below `/text-chat/sessions`; undefined body: GET. */
export function askChat(
  server: Caller,
  { apiKey }: Pick<Account, 'apiKey'>,
  workflowId: number,
  path: string,
  body?: JsonObject,
) {
  const url = `/api/v1/workflow/${String(workflowId)}/text-chat/sessions${path}`;
  const request = body === undefined ? server.request.get(url) : server.request.post(url).send(body);
  return request.set('X-API-Key', apiKey);
}

export interface OpenedChat {
  id: number;
  opened: TextChat;
  read(): Promise<TextChat>;
  say(text: string, expected?: number): Promise<TextChat>;
  post(path: string, body: JsonObject): Promise<TextChat>;
}

export async function openChat(
  server: Caller,
  account: Pick<Account, 'apiKey'>,
  workflowId: number,
  body: JsonObject = { initial_context: { user: { name: 'Ada' } } },
): Promise<OpenedChat> {
  const opened = (await askChat(server, account, workflowId, '', body).expect(200)).body as TextChat;
  const id = opened.workflow_run_id;
  const at = async (path: string, sent?: JsonObject) =>
    (await askChat(server, account, workflowId, `/${String(id)}${path}`, sent).expect(200)).body as TextChat;
  return {
    id,
    opened,
    read: () => at(''),
    say: (text, expected) =>
      at('/messages', { text, ...(expected === undefined ? {} : { expected_revision: expected }) }),
    post: at,
  };
}

/** What both have said, in order: one text a turn and speaker. */
export function saidIn({ session_data: { turns } }: TextChat): string[] {
  return turns.flatMap(({ user_message: user, assistant_message: assistant }) => [
    ...(user === null ? [] : [`user: ${user.text}`]),
    ...(assistant === null ? [] : [`assistant: ${assistant.text}`]),
  ]);
}
