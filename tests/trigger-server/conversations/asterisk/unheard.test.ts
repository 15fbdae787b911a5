/** Without a program that recognizes speech, calls through Asterisk are announced only, and everybody is told why. */
import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import { createAgent } from '../../../support/agents';
import { spokenText } from '../../../support/spoken-text';
import { addCarrier, configurationsPath } from '../../../support/telephony';
import { configureModel } from '../../../support/text-chats';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { ariSettings, startAri, type Ari } from '../../../support/vendors/ari';
import { budgetDefinition, publicBaseUrl } from '../../../support/vendors/talking/call';

let vendor: Ari;
beforeEach(async () => {
  vendor = await startAri();
});
afterEach(() => vendor.close());

interface Stage {
  server: TestServer;
  account: Account;
  configurationId: number;
}

async function start(environment: Record<string, string>): Promise<Stage> {
  const server = await startTestServer({
    PUBLIC_BASE_URL: publicBaseUrl,
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    ...environment,
  });
  const account = await server.signUp();
  const { id } = await addCarrier(
    server,
    account,
    { provider: 'ari', ...ariSettings(vendor) },
    { name: 'PBX', is_default_outbound: true },
  );
  await configureModel(server, account);
  while (server.services.connections.faultOf(id) !== null) await server.request.get('/api/v1/health');
  return { server, account, configurationId: id };
}

async function defaultAnswer({ server, account, configurationId }: Stage) {
  const shown = await server.request
    .get(`${configurationsPath}/${String(configurationId)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (shown.body as TelephonyConfiguration).setup_checklist?.default_answer;
}

async function answersOf({ server, account }: Stage): Promise<string[] | undefined> {
  const reply = await server.request
    .get('/api/v1/organizations/telephony-providers/metadata')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  const { providers } = reply.body as { providers: { provider: string; answers: string[] }[] };
  return providers.find(({ provider }) => provider === 'ari')?.answers;
}

async function call({ server, account }: Stage) {
  const agent = await createAgent(server, account, budgetDefinition(), { answer: 'converse' });
  return server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100', initial_context: { user: { name: 'Ada' } } });
}

test('without STT_COMMAND the default answer says what is missing, and a conversation is a 501 before the dial', async () => {
  const stage = await start({});
  expect(await defaultAnswer(stage)).toEqual({
    answer: 'announce',
    reason: expect.stringMatching(
      /^This server cannot hear .* Start it with STT_COMMAND, a program/,
    ) as unknown,
  });
  expect(await answersOf(stage)).toEqual(['announce']);
  const refused = await call(stage);
  expect(refused.status).toBe(501);
  expect(refused.body).toEqual({
    code: 'answer_not_supported',
    detail:
      "Calls through Asterisk (ARI) cannot be answered with 'converse'. This server cannot hear what callees say through Asterisk. Start it with STT_COMMAND, a program that turns speech into text. Choose another telephony configuration, or set the agent's answer to announce.",
  });
  expect(vendor.dials).toEqual([]);
  await stage.server.close();
});

test('with STT_COMMAND an agent without an answer talks', async () => {
  const stage = await start(spokenText());
  expect(await defaultAnswer(stage)).toMatchObject({ answer: 'converse' });
  expect(await answersOf(stage)).toEqual(['announce', 'converse']);
  expect((await call(stage)).status).toBe(200);
  await stage.server.close();
});
