import { routingHeaders } from '@dograh-trigger/shared';
import type { INodeParameters } from 'n8n-workflow';
import { callMarker } from '@dograh-trigger/shared';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import {
  replyPlaced,
  standInAgentUuid,
  standInTriggerUuid,
  startStandIn,
  type StandIn,
  type StandInOptions,
} from '../support/dograh-stand-in';
import { n8nContext, type N8nContextOptions } from '../support/n8n-context';

const byList = { __rl: true, mode: 'list', value: standInAgentUuid };
const call: INodeParameters = { operation: 'place', agent: byList, phoneNumber: '+14155550100' };

let server: StandIn;

beforeEach(async () => {
  server = await startStandIn();
});

afterEach(() => server.close());

/** Replaces the server that places every call. */
async function startInstead(options: StandInOptions): Promise<void> {
  await server.close();
  server = await startStandIn(options);
}

function execute(parameters: INodeParameters, options: Partial<N8nContextOptions> = {}) {
  const credential = { baseUrl: server.url, apiKey: 'dgr_place' };
  return new Dograh().execute.call(n8nContext({ ...credential, parameters, ...options }));
}

/** The bodies without the marks of their keys. */
function sentBodies(): unknown[] {
  const unmarked = (name: string, value: unknown) => (name === callMarker ? undefined : value);
  return server.dials().map(({ body }) => JSON.parse(body.toString('utf8'), unmarked) as unknown);
}

describe('the request', () => {
  test('uses the agent’s UUID for an agent from the list, and the key of the credential', async () => {
    await execute(call);
    expect(server.dials()).toMatchObject([
      {
        url: `/api/v1/public/agent/workflow/${standInAgentUuid}`,
        headers: { 'x-api-key': 'dgr_place', 'content-type': 'application/json' },
      },
    ]);
    expect(sentBodies()).toEqual([{ phone_number: '+14155550100', initial_context: {} }]);
  });

  const triggerUrl = `https://voice.example/api/v1/public/agent/${standInTriggerUuid}`;
  const testUrl = `https://voice.example/api/v1/public/agent/test/${standInTriggerUuid}`;
  test.each([
    ['list', 'production', standInAgentUuid, `workflow/${standInAgentUuid}`],
    ['list', 'test', standInAgentUuid, `test/workflow/${standInAgentUuid}`],
    ['agentUuid', 'production', ` ${standInAgentUuid} `, `workflow/${standInAgentUuid}`],
    ['id', 'production', standInTriggerUuid, standInTriggerUuid],
    ['id', 'test', standInTriggerUuid, `test/${standInTriggerUuid}`],
    ['id', 'production', triggerUrl, standInTriggerUuid],
    ['url', 'production', triggerUrl, standInTriggerUuid],
    ['url', 'test', testUrl, `test/${standInTriggerUuid}`],
  ])('with an agent selected by %s in %s uses the route of %s', async (mode, environment, value, route) => {
    await execute({ ...call, agent: { __rl: true, mode, value }, environment });
    expect(server.dials().map(({ url }) => url)).toEqual([`/api/v1/public/agent/${route}`]);
  });

  test.each([
    [' +1 (415) 555-0100 ', '+14155550100'],
    ['0044 20 7946 0958', '+442079460958'],
    ['“+14155550100”', '+14155550100'],
  ])('has the phone number %s in E.164', async (phoneNumber, e164) => {
    const [items] = await execute({ ...call, phoneNumber });
    expect(sentBodies()).toMatchObject([{ phone_number: e164 }]);
    expect(items).toMatchObject([{ json: { phone_number: e164 } }]);
  });

  test('keeps the types of variables from expressions, and leaves out variables without a value', async () => {
    await execute(
      {
        ...call,
        specifyVariables: 'keypair',
        variables: {
          parameters: [
            { name: 'first_name', value: '={{ $json.name }}' },
            { name: 'visits', value: '={{ $json.visits }}' },
            { name: 'unset', value: '={{ $json.nothing }}' },
            { name: 'unknown', value: '={{ $json.unknown }}' },
            { name: '={{ $json.visits }}', value: 'third' },
            { name: 'user.city', value: 'Graz' },
            { name: '', value: '' },
            { name: '={{ $json.unknown }}', value: '={{ $json.unknown }}' },
          ],
        },
      },
      { items: [{ name: 'Zoë', visits: 3, unknown: null }] },
    );
    expect(sentBodies()).toEqual([
      {
        phone_number: '+14155550100',
        initial_context: { first_name: 'Zoë', visits: 3, 3: 'third', user: { city: 'Graz' } },
      },
    ]);
  });

  test('with variables of the agent leaves out empty values, and treats a dotted name as a path', async () => {
    const value = { first_name: '={{ $json.name }}', 'user.city': 'Graz', day: '', hour: null };
    const mappedVariables = { mappingMode: 'defineBelow', value };
    await execute({ ...call, mappedVariables }, { items: [{ name: 'Zoë', phone: '1' }] });
    expect(sentBodies()).toMatchObject([{ initial_context: { first_name: 'Zoë', user: { city: 'Graz' } } }]);
  });

  test.each([
    ['text', '{"user": {"name": "Jane"}, "vip": true}'],
    ['an object, as expressions and AI agents give it', '={{ $json.row }}'],
  ])('accepts JSON variables as %s', async (_form, jsonVariables) => {
    const row = { user: { name: 'Jane' }, vip: true };
    await execute({ ...call, specifyVariables: 'json', jsonVariables }, { items: [{ row }] });
    expect(sentBodies()).toMatchObject([{ initial_context: row }]);
  });

  test('has no variables for empty JSON', async () => {
    await execute({ ...call, specifyVariables: 'json', jsonVariables: ' ' });
    expect(sentBodies()).toMatchObject([{ initial_context: {} }]);
  });

  test('has the options configuration, caller ID, greeting, language and voice', async () => {
    await execute({
      ...call,
      specifyVariables: 'json',
      jsonVariables: '{"name": "Jane"}',
      options: {
        telephonyConfiguration: { __rl: true, mode: 'id', value: '3' },
        callerId: { __rl: true, mode: 'id', value: 7 },
        greetingOverride: 'Hello {{name}}',
        language: ' es-MX ',
        voice: 'Polly.Mia',
      },
    });
    expect(sentBodies()).toEqual([
      {
        phone_number: '+14155550100',
        initial_context: { name: 'Jane', greeting_override: { type: 'text', text: 'Hello {{name}}' } },
        telephony_configuration_id: 3,
        from_phone_number_id: 7,
        language: 'es-MX',
        voice: 'Polly.Mia',
      },
    ]);
  });

  test('has a greeting that an expression returns as a number', async () => {
    await execute({ ...call, options: { greetingOverride: '={{ 1234 }}' } });
    expect(sentBodies()).toMatchObject([
      { initial_context: { greeting_override: { type: 'text', text: '1234' } } },
    ]);
  });

  test('leaves out empty options', async () => {
    await execute({
      ...call,
      options: {
        callerId: { __rl: true, mode: 'id', value: '' },
        greetingOverride: '',
        language: '',
        voice: ' ',
      },
    });
    expect(sentBodies()).toEqual([{ phone_number: '+14155550100', initial_context: {} }]);
  });

  test('has a different idempotency key for every call', async () => {
    await execute({ ...call }, { items: [{}, {}] });
    await execute({ ...call }, { executionId: '232' });
    const keys = server.dials().map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual(Array(3).fill(expect.stringMatching(/^[\w-]{1,255}$/)));
    expect(new Set(keys).size).toBe(3);
  });

  test('ends after Request Timeout', async () => {
    await startInstead({ trigger: () => undefined });
    await expect(execute({ ...call, options: { requestTimeoutSeconds: 0.2 } })).rejects.toThrow(
      'The call may have been placed',
    );
  });
});

describe('the output', () => {
  test('has the provider and the replaced account, if the server reports them', async () => {
    const fallbackFrom = { name: 'Main PBX', reason: 'It cannot be reached' };
    await startInstead({
      trigger: (response) => {
        replyPlaced(response, 1, routingHeaders({ mode: 'twilio', fallbackFrom }));
      },
    });
    expect(await execute(call)).toMatchObject([
      [{ json: { mode: 'twilio', fallback_from: 'Main PBX: It cannot be reached' } }],
    ]);
  });

  test('has one call per item, linked to the item', async () => {
    const parameters = { ...call, phoneNumber: '={{ $json.phone }}' };
    const items = [{ phone: '+14155550101' }, { phone: '+14155550102' }];
    expect(await execute(parameters, { items })).toEqual([
      [
        {
          json: {
            run_id: 501,
            run_name: 'WR-API-501',
            agent_id: null,
            status: 'initiated',
            phone_number: '+14155550101',
            already_placed: false,
            mode: null,
            fallback_from: null,
          },
          pairedItem: { item: 0 },
        },
        {
          json: {
            run_id: 502,
            run_name: 'WR-API-502',
            agent_id: null,
            status: 'initiated',
            phone_number: '+14155550102',
            already_placed: false,
            mode: null,
            fallback_from: null,
          },
          pairedItem: { item: 1 },
        },
      ],
    ]);
  });

  test('has the agent’s id, if the server sends Location', async () => {
    await startInstead({
      trigger: (response, count) => {
        replyPlaced(response, count, { location: '/api/v1/workflow/12/runs/501' });
      },
    });
    expect(await execute(call)).toMatchObject([[{ json: { run_id: 501, agent_id: 12 } }]]);
  });

  test('ends with the first item when the execution is stopped after it', async () => {
    const stop = new AbortController();
    await startInstead({
      trigger: (response, count) => {
        replyPlaced(response, count);
        response.on('finish', () => {
          stop.abort();
        });
      },
    });
    // Continuing on fail, so that only the stop prevents the other calls.
    const options = { items: [{}, {}, {}], cancelSignal: stop.signal, continueOnFail: true };
    const [items] = await execute(call, options);
    expect(items).toHaveLength(1);
    expect(server.dials()).toHaveLength(1);
  });
});

describe('refused without a request', () => {
  const byUrl = (environment: string) => ({
    __rl: true,
    mode: 'url',
    value: `https://voice.example/api/v1/public/agent/${environment}${standInTriggerUuid}`,
  });
  test.each<[string, INodeParameters, RegExp]>([
    ['a number without its country code', { phoneNumber: '4155550100' }, /^Phone Number: .*begin with \+/],
    ['no number', { phoneNumber: '' }, /^Phone Number: .*empty/],
    ['a number that a spreadsheet shortened', { phoneNumber: '1.41E+10' }, /^Phone Number: A spreadsheet/],
    ['no agent', { agent: { __rl: true, mode: 'list', value: '' } }, /^Agent: choose/],
    [
      'a URL that is no trigger',
      { agent: { __rl: true, mode: 'url', value: 'https://voice.example/a/b' } },
      /^Agent: /,
    ],
    ['a test URL in production', { agent: byUrl('test/') }, /^Agent: this is the test URL/],
    [
      'a production URL in test',
      { agent: byUrl(''), environment: 'test' },
      /^Agent: this is the production URL/,
    ],
    ['an unknown environment', { environment: '={{ "prod" }}' }, /^Environment: choose/],
    [
      'JSON that is a list',
      { specifyVariables: 'json', jsonVariables: '[1]' },
      /^Variables: enter one JSON object/,
    ],
    [
      'text that is not JSON',
      { specifyVariables: 'json', jsonVariables: '{name: Jane}' },
      /^Variables: this is not JSON/,
    ],
    [
      'a variable without a name',
      { specifyVariables: 'keypair', variables: { parameters: [{ name: '', value: 'x' }] } },
      /^Variables: a value has no name/,
    ],
    [
      'a variable whose name an expression did not find',
      { specifyVariables: 'keypair', variables: { parameters: [{ name: '={{ null }}', value: 'x' }] } },
      /^Variables: a value has no name/,
    ],
    [
      'a variable that comes twice',
      {
        specifyVariables: 'keypair',
        variables: {
          parameters: [
            { name: 'a', value: '1' },
            { name: 'a', value: '2' },
          ],
        },
      },
      /^Variables: the name a comes twice/,
    ],
    [
      'a caller ID that is no number',
      { options: { callerId: { __rl: true, mode: 'id', value: 'x' } } },
      /^Caller ID: enter a whole number/,
    ],
    [
      'a timeout that is no number',
      { options: { requestTimeoutSeconds: 'soon' } },
      /^Request Timeout: enter a number/,
    ],
    [
      'a variable whose name belongs to the server',
      { specifyVariables: 'json', jsonVariables: '{"telephony_configuration_id": 9}' },
      /^The variable telephony_configuration_id was not sent: its name belongs to the server/,
    ],
    [
      'a batch size that is no number',
      { options: { batching: { batch: { batchSize: 'all' } } } },
      /^Items per Batch: enter a whole number/,
    ],
    ['an operation of another node', { operation: '__CUSTOM_API_CALL__' }, /^Operation: choose/],
  ])('%s', async (_what, parameters, message) => {
    await expect(execute({ ...call, ...parameters })).rejects.toMatchObject({
      name: 'NodeOperationError',
      message: expect.stringMatching(message),
      context: { itemIndex: 0 },
    });
    expect(server.requests).toEqual([]);
  });

  test('an invalid API key, which the error does not quote', async () => {
    const failure = execute(call, { apiKey: 'dgr_secret–key' });
    await expect(failure).rejects.toThrow(/^The API key has a character that no key has/);
    await expect(failure).rejects.not.toThrow('secret');
    expect(server.requests).toEqual([]);
  });

  test('the message names the item and contains no input values', async () => {
    const parameters = { ...call, specifyVariables: 'json', jsonVariables: '={{ $json.row }}' };
    const items = [{ row: {} }, { row: '{"name": Jane Doe}' }];
    const failure = execute(parameters, { items });
    await expect(failure).rejects.toThrow(/\[item 1\]$/);
    await expect(failure).rejects.not.toThrow('Jane');
  });
});
