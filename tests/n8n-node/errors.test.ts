import { inspect } from 'node:util';
import type { ServerResponse } from 'node:http';
import type { INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import {
  breakConnection,
  breakListOnceDialled,
  replyPlaced,
  standInAgentUuid,
  startStandIn,
  type StandIn,
  type StandInOptions,
} from '../support/dograh-stand-in';
import { replyJson } from '../support/local-server';
import { n8nContext, type N8nContextOptions } from '../support/n8n-context';

// Replaces the client's pause before it repeats a request, so that no test waits.
jest.mock('n8n-workflow', () => ({
  ...jest.requireActual<object>('n8n-workflow'),
  sleep: () => Promise.resolve(),
}));

const apiKey = 'dgr_errors-secret';
const phoneNumber = '+14155550100';
const call: INodeParameters = {
  operation: 'place',
  agent: { __rl: true, mode: 'agentUuid', value: standInAgentUuid },
  phoneNumber,
  specifyVariables: 'keypair',
  variables: { parameters: [{ name: 'name', value: 'Jane Doe' }] },
};

let servers: StandIn[];

beforeEach(() => {
  servers = [];
});

afterEach(() => Promise.all(servers.map((server) => server.close())));

type Answers = Pick<StandInOptions, 'trigger' | 'list'>;

async function start(answers: Answers): Promise<StandIn> {
  const server = await startStandIn(answers);
  servers.push(server);
  return server;
}

async function execute(
  trigger: Answers['trigger'],
  options: Partial<N8nContextOptions> = {},
  list?: Answers['list'],
) {
  const server = await start({ trigger, list });
  return new Dograh().execute.call(n8nContext({ baseUrl: server.url, apiKey, parameters: call, ...options }));
}

const noFreeSlot = 'The option Wait When Busy of Place, and of Place and Wait, waits for a free slot.';
const telephonyOptions = 'Check the options Telephony Configuration and Caller ID.';
const refusals: [number, unknown, string, string, string | undefined][] = [
  [400, 'Telephony not configured', 'Telephony not configured', 'Check the telephony', telephonyOptions],
  [401, 'Invalid API key', 'Invalid API key', 'complete', 'Check the API Key of the credential.'],
  [402, 'Dograh credits exhausted', 'Dograh credits exhausted', 'Add credits', undefined],
  [403, 'Access denied', 'Access denied', 'another organization', undefined],
  [404, 'Agent trigger not found', 'Agent trigger not found', 'Check the agent or trigger URL', undefined],
  [409, 'No execution owner', 'No execution owner', 'Nothing was dialled', undefined],
  [
    422,
    [{ type: 'x', loc: ['body', 'phone_number'], msg: 'Not dialable' }],
    'Phone Number: Not dialable',
    'Correct',
    undefined,
  ],
  [
    429,
    'Concurrent call limit reached',
    'Concurrent call limit reached',
    'This call was not placed',
    noFreeSlot,
  ],
  // n8n would replace a message with these five letters by one about file permissions.
  [400, 'Scope approvepermissions is missing', 'Scope approvepermissions', 'Check', telephonyOptions],
];

/** The text below the message: the field that helps, and the request. */
const asked = (advice: string | undefined, status: number) =>
  expect.stringMatching(
    new RegExp(
      `^${advice === undefined ? '' : `${advice} `}POST http://127\\.0\\.0\\.1:\\d+/\\S+ answered ${String(status)}\\.$`,
    ),
  ) as string;

test.each(refusals)(
  'a %i with %j shows the server’s message and what to do, and below it the field of n8n that helps, and the address',
  async (status, detail, words, whatToDo, description) => {
    const failure = execute((response) => {
      replyJson(response, status, { detail });
    });
    await expect(failure).rejects.toMatchObject({
      name: 'NodeApiError',
      httpCode: String(status),
      message: expect.stringMatching(new RegExp(`^${words}.*${whatToDo}.* \\[item 0\\]$`)),
      description: asked(description, status),
      context: { itemIndex: 0 },
    });
  },
);

test.each([
  [400, 'carrier_unreachable'],
  [503, 'draining'],
  [429, 'rate_limited'],
])('a %i with %s says when to retry, without advice about call slots', async (status, code) => {
  const failure = execute((response) => {
    replyJson(response, status, { detail: 'Away.', code }, { 'retry-after': '600' });
  });
  await expect(failure).rejects.toMatchObject({
    message: expect.stringMatching(/^Away\. This call was not placed: try again in 10 minutes\. \[item 0\]$/),
    description: asked(undefined, status),
  });
});

test.each([
  ['a broken connection', breakConnection],
  ['a 500', (response: ServerResponse) => response.writeHead(500).end('Internal Server Error')],
  [
    'a 504',
    (response: ServerResponse) => {
      replyJson(response, 504, { detail: 'The carrier did not answer in time' });
    },
  ],
  ['HTML with status 200', (response: ServerResponse) => response.writeHead(200).end('<html></html>')],
])(
  'after %s the message says that the call may have been placed, and the call is not repeated',
  async (_what, trigger) => {
    const failure = execute(trigger, {}, breakListOnceDialled);
    await expect(failure).rejects.toThrow(/call may have been placed: look at the agent’s calls/);
    expect(servers[0]?.dials()).toHaveLength(1);
  },
);

test('after a broken connection n8n’s own advice to retry is not shown', async () => {
  const failure = execute(breakConnection);
  await expect(failure).rejects.toThrow('socket hang up (ECONNRESET)');
  await expect(failure).rejects.not.toThrow('retry the request');
});

test('for a refused connection the message says that nothing was dialled', async () => {
  const server = await startStandIn();
  await server.close();
  const context = n8nContext({ baseUrl: server.url, apiKey, parameters: call });
  await expect(new Dograh().execute.call(context)).rejects.toMatchObject({
    name: 'NodeOperationError',
    message: expect.stringMatching(
      /cannot be reached: .*ECONNREFUSED.*This call was not placed\. \[item 0\]$/,
    ),
    description: expect.stringMatching(
      /^Check the Base URL of the credential\. GET http:\/\/127\.0\.0\.1:\d+\/\S+: connect ECONNREFUSED/,
    ),
  });
});

test('an invalid base URL is refused with an explanation', async () => {
  const context = n8nContext({ baseUrl: 'voice.example', apiKey, parameters: call });
  await expect(new Dograh().execute.call(context)).rejects.toThrow(
    /^The base URL must be a full web address/,
  );
});

test('the key is not sent over http:// to a public server, unless the credential allows it', async () => {
  const publicUrl = 'http://voice.example.invalid';
  const context = n8nContext({ baseUrl: publicUrl, apiKey, parameters: call });
  await expect(new Dograh().execute.call(context)).rejects.toThrow(/^The base URL must begin with https:/);
  const allowed = n8nContext({ baseUrl: publicUrl, apiKey, parameters: call, allowInsecure: true });
  await expect(new Dograh().execute.call(allowed)).rejects.toThrow(
    /cannot be reached: .*(ENOTFOUND|EAI_AGAIN)/,
  );
});

/** Answers the first trigger with a refusal with Retry-After, and places the other calls. */
function busyAtTheFirst(response: ServerResponse, count: number): void {
  if (count === 1)
    replyJson(response, 429, { detail: 'Concurrent call limit reached' }, { 'retry-after': '9' });
  else replyPlaced(response, count);
}

const busyOutput = {
  error: {
    message: expect.stringMatching(/^Concurrent call limit reached.* \[item 0\]$/) as string,
    code: 'busy',
    http_status: 429,
    description: 'Concurrent call limit reached',
    retry_after_seconds: 9,
    run_id: undefined,
  },
};

test('with an error branch the output of a failed item is only error, so that n8n sends it there with its input', async () => {
  const items = [{ lead: 1 }, { lead: 2 }];
  expect(await execute(busyAtTheFirst, { onError: 'continueErrorOutput', items })).toEqual([
    [
      { json: busyOutput, pairedItem: { item: 0 } },
      { json: expect.objectContaining({ run_id: 502 }), pairedItem: { item: 1 } },
    ],
  ]);
});

test.each<[string, Partial<N8nContextOptions>]>([
  ['continuing with the regular output', { onError: 'continueRegularOutput' }],
  ['with the old setting Continue On Fail', { continueOnFail: true }],
])('%s a failed item keeps its input and has error', async (_setting, options) => {
  const items = [{ lead: 1, error: null }, { lead: 2 }];
  expect(await execute(busyAtTheFirst, { ...options, items })).toEqual([
    [
      { json: { lead: 1, ...busyOutput }, pairedItem: { item: 0 } },
      { json: expect.objectContaining({ run_id: 502 }), pairedItem: { item: 1 } },
    ],
  ]);
});

test('continuing on fail, an invalid expression is the error of its item only', async () => {
  const parameters = { ...call, phoneNumber: '={{ $("Nowhere").item.json.phone }}' };
  expect(await execute(replyPlaced, { parameters, continueOnFail: true })).toEqual([
    [
      {
        json: { error: { message: expect.stringContaining("Referenced node doesn't exist") } },
        pairedItem: { item: 0 },
      },
    ],
  ]);
});

test.each([
  ['the network', breakConnection],
  [
    'the server',
    (response: ServerResponse) => {
      replyJson(response, 400, { detail: `Failed to initiate call to ${phoneNumber}` });
    },
  ],
])('an error of %s contains neither the key nor the number nor a variable', async (_origin, trigger) => {
  const parameters = {
    ...call,
    phoneNumber: '={{ $json.phone }}',
    variables: { parameters: [{ name: 'name', value: '={{ $json.name }}' }] },
  };
  const failure: unknown = await execute(trigger, {
    parameters,
    items: [{ phone: phoneNumber, name: 'Jane Doe' }],
  }).catch((error: unknown) => error);
  const everything = JSON.stringify(failure) + inspect(failure, { depth: 10, showHidden: true });
  expect(everything).toContain('Call the lead');
  expect(everything).not.toMatch(/dgr_errors-secret|4155550100|Jane Doe/);
});
