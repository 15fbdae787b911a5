/** How the n8n node and the Zapier app show each of Dograh's replies. */
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { startCallStep } from '../../zapier-app/src/creates/start-call';
import { findCallStep } from '../../zapier-app/src/searches/find-call';
import { listAgentsStep } from '../../zapier-app/src/triggers/list-agents';
import { listPhoneNumbersStep } from '../../zapier-app/src/triggers/list-phone-numbers';
import { listTelephonyConfigurationsStep } from '../../zapier-app/src/triggers/list-telephony-configurations';
import endings from '../fixtures/dograh/other-endings.json';
import problems from '../fixtures/dograh/problems.json';
import reads from '../fixtures/dograh/reads.json';
import stages from '../fixtures/dograh/call.json';
import { standInAgentUuid, startStandIn, type StandIn } from '../support/dograh-stand-in';
import type { LocalServer } from '../support/local-server';
import { n8nContext, n8nLoadOptionsContext } from '../support/n8n-context';
import { replayed, replyProblem, startReplayedDograh, statedAddress } from '../support/replayed-dograh';
import { failureOf, makeBundle, runStep } from '../support/zapier';

// Replaces the client's pause before it searches for a call, so that no test waits.
jest.mock('n8n-workflow', () => ({
  ...jest.requireActual<object>('n8n-workflow'),
  sleep: () => Promise.resolve(),
}));

const apiKey = 'dgr_replies';
const phoneNumber = '+14155550100';
const files = '/api/v1/public/download/workflow/3f0a2b9e-51c7-4f6b-a7d4-0c9d1e8b7a65';
const said = '[2026-08-22T03:04:13.002+00:00] assistant: Hello Jane.';

describe('the state of a call', () => {
  let dograh: StandIn;
  afterEach(() => dograh.close());

  const unfinished = { disposition: null, duration_seconds: null, recording: null, transcript: null };
  const talked = { disposition: 'user_hangup', duration_seconds: 42, recording: null, transcript: null };
  const nobody = { duration_seconds: 0, recording: null, transcript: null };
  const expected = {
    ringing: { status: 'in-progress', ...unfinished },
    // The carrier reports the end before the conversation has stored its result.
    completed: { status: 'completed', ...unfinished },
    ended: { status: 'completed', ...talked },
    stored: {
      status: 'completed',
      ...talked,
      recording: `${files}/recording`,
      transcript: `${files}/transcript`,
    },
    busy: { status: 'busy', disposition: 'busy', ...nobody },
    refused: { status: 'error', disposition: 'error', ...nobody },
  };

  test.each([...stages, ...endings])(
    '$state: the n8n node and Find Call show the same',
    async ({ state, run }) => {
      const agents = reads.find(({ request }) => request === 'GET /api/v1/workflow/fetch?status=active')!;
      dograh = await startStandIn({
        replies: {
          'GET /api/v1/workflow/0/runs/501': () =>
            JSON.parse(JSON.stringify(run).replaceAll(statedAddress, dograh.url)) as object,
          [agents.request]: agents.body,
          [`GET ${files}/transcript`]: said,
        },
      });
      const { recording, transcript, ...outcome } = expected[state as keyof typeof expected];
      const extraFields = {
        ...outcome,
        recording_url: recording && dograh.url + recording,
        transcript_url: transcript && dograh.url + transcript,
        phone_number: phoneNumber,
        mode: 'twilio',
        agent_id: 12,
      };
      const get = n8nContext({ baseUrl: dograh.url, apiKey, parameters: { operation: 'get', runId: '501' } });
      const [[item] = []] = await new Dograh().execute.call(get);
      expect(item?.json).toMatchObject({ run_id: 501, run_name: 'WR-API-7823', ...extraFields });
      expect(await runStep(findCallStep, makeBundle(dograh.url, { run: 501 }))).toMatchObject([
        {
          ...{ id: 501, name: 'WR-API-7823', agent_name: 'Reminder', direction: 'outbound', ...extraFields },
          transcript: transcript && said,
        },
      ]);
    },
  );
});

describe('why no call was placed', () => {
  let dograh: StandIn;
  afterEach(() => dograh.close());

  const key = 'Check that the API key is complete, active and of this server.';
  const organization =
    'The API key belongs to another organization: use a key of the organization that owns the agent.';
  const agent = 'Check the agent or trigger URL, and that the agent is active and published.';
  const telephony = 'Check the telephony configuration, the caller ID and the number.';
  const input = 'Correct the request and try again.';

  /** Zapier's error class, the added advice, and Dograh's message if it is shown differently. */
  const expected: Record<string, [zapierClass: string, advice: string, words?: string]> = {
    'unknown key': ['ExpiredAuthError', key],
    'missing key': ['ExpiredAuthError', key, 'API Key: Field required'],
    'no phone number': ['HaltedError', input, 'Phone Number: Field required'],
    'phone number that is a number': ['HaltedError', input, 'Phone Number: Input should be a valid string'],
    'trigger of another organization': ['AppError', organization],
    'unknown trigger': ['AppError', agent],
    'unknown agent': ['AppError', agent],
    'archived agent': ['AppError', agent],
    'unpublished agent': ['AppError', agent],
    'trigger of the draft only': ['AppError', agent],
    'unknown telephony configuration': ['AppError', telephony],
    'agent without an owner': ['AppError', 'Nothing was dialled by this request.'],
    'no telephony': ['AppError', telephony],
    'telephony that is not ready': ['AppError', telephony],
    'unknown caller ID': ['AppError', telephony],
    'carrier that refuses': [
      'HaltedError',
      telephony,
      `Failed to initiate call: 400: {"code": 21211, "message": "Invalid 'To' Phone Number: +…XXXX", ` +
        '"more_info": "https://www.twilio.com/docs/errors/21211", "status": 400}',
    ],
    'no credits': ['HaltedError', 'Add credits to the account or correct its model keys, then call again.'],
    'no free slot': ['ThrottledError', 'This call was not placed: try again later.'],
    'uncaught exception': [
      'HaltedError',
      'The call may have been placed: look at the agent’s calls before calling again.',
    ],
  };

  const ofTriggers = problems.filter(({ request }) => request.startsWith('POST '));

  test.each(ofTriggers)(
    '$name, $status: both packages show Dograh’s message',
    async ({ name, status, body }) => {
      dograh = await startStandIn({
        trigger: (response) => {
          replyProblem(response, name);
        },
      });
      const [zapierClass, advice, words = wordsOf(body)] = expected[name]!;
      const message = expect.stringContaining(`${words.replace(/\.$/, '')}. ${advice}`) as string;

      const parameters = {
        operation: 'place',
        agent: { __rl: true, mode: 'agentUuid', value: standInAgentUuid },
        phoneNumber,
      };
      const node = new Dograh().execute.call(n8nContext({ baseUrl: dograh.url, apiKey, parameters }));
      await expect(node).rejects.toMatchObject({ name: 'NodeApiError', httpCode: String(status), message });

      const bundle = makeBundle(dograh.url, {
        agent: `workflow/${standInAgentUuid}`,
        environment: 'production',
        phone_number: phoneNumber,
        if_placed_before: 'call_again',
      });
      expect(await failureOf(runStep(startCallStep, bundle))).toMatchObject({ name: zapierClass, message });
    },
  );
});

describe('the lists of choices', () => {
  let dograh: LocalServer;
  beforeEach(async () => {
    dograh = await startReplayedDograh();
  });
  afterEach(() => dograh.close());

  test('the lists of the n8n node have the agents, their variables, the active carrier accounts and the numbers', async () => {
    const { listSearch, resourceMapping } = new Dograh().methods;
    const context = n8nLoadOptionsContext(
      { baseUrl: dograh.url, apiKey: replayed.apiKey },
      { agent: { __rl: true, mode: 'list', value: replayed.agentUuid } },
    );
    expect((await listSearch.searchAgents.call(context)).results).toEqual([
      { name: 'Callback', value: 'c4b3a291-7d80-4d2f-8e6a-5f1e0d9c8b7a' },
      { name: 'Reminder', value: replayed.agentUuid },
    ]);
    expect((await resourceMapping.getAgentVariables.call(context)).fields).toMatchObject([
      { id: 'first_name' },
    ]);
    expect((await listSearch.searchTelephonyConfigurations.call(context)).results).toEqual([
      { name: 'Main (twilio, default)', value: '55' },
    ]);
    expect((await listSearch.searchCallerIds.call(context)).results).toEqual([
      { name: '+1 415 555 0199 (Main line)', value: '77' },
    ]);
  });

  test('the dropdowns of the Zapier app have the same', async () => {
    const { authData, ...rest } = makeBundle(dograh.url);
    const bundle = { ...rest, authData: { ...authData, api_key: replayed.apiKey } };
    expect(await runStep(listAgentsStep, bundle)).toEqual([
      { id: 'workflow/c4b3a291-7d80-4d2f-8e6a-5f1e0d9c8b7a', name: 'Callback' },
      { id: `workflow/${replayed.agentUuid}`, name: 'Reminder' },
    ]);
    expect(await runStep(listTelephonyConfigurationsStep, bundle)).toEqual([{ id: '55', name: 'Main' }]);
    expect(await runStep(listPhoneNumbersStep, bundle)).toEqual([
      { id: '77', name: 'Main line (+1 415 555 0199)' },
    ]);
  });
});

/** The message of a refusal, if it is one sentence. */
function wordsOf(body: (typeof problems)[number]['body']): string {
  if (typeof body === 'string') return body;
  return typeof body.detail === 'string' ? body.detail : JSON.stringify(body.detail);
}
