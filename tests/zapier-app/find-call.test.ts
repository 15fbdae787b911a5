import { transcriptText, utterances } from '../../zapier-app/src/call/hydrators';
import { findCall, findCallStep } from '../../zapier-app/src/searches/find-call';
import { replyJson, startLocalServer, type LocalServer, type ReceivedRequest } from '../support/local-server';
import type { ServerResponse } from 'node:http';
import { appTester, failureOf, makeBundle, runStep } from '../support/zapier';

/** An ended call of plain Dograh. */
const run = {
  id: 501,
  workflow_id: 7,
  name: 'WR-API-7823',
  mode: 'twilio',
  created_at: '2026-08-22T03:04:05.123456Z',
  definition_id: 9,
  call_type: 'outbound',
  is_completed: true,
  transcript_url: 'transcripts/501.txt',
  recording_url: 'recordings/501.wav',
  user_recording_url: null,
  bot_recording_url: null,
  transcript_public_url: 'https://api.example.com/api/v1/public/download/workflow/t/transcript',
  recording_public_url: 'https://api.example.com/api/v1/public/download/workflow/t/recording',
  user_recording_public_url: null,
  bot_recording_public_url: null,
  public_access_token: 't',
  usage_info: { llm: {}, tts: {}, stt: {}, call_duration_seconds: 42 },
  cost_info: { dograh_token_usage: 0, call_duration_seconds: 41 },
  initial_context: {
    phone_number: '+14155550100',
    called_number: '+14155550100',
    caller_number: '+14155550199',
    workflow_uuid: '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0',
    first_name: 'Jane',
  },
  gathered_context: { call_disposition: 'user_hangup', extracted_variables: { day: 'Monday' } },
  logs: {},
  annotations: {},
};

let server: LocalServer;

afterEach(async () => {
  await server.close();
});

interface Search {
  status?: number;
  input?: unknown;
}

const said = '[2026-08-22T03:04:06Z] assistant: Hello Jane.\n[2026-08-22T03:04:09Z] user: Hello.\n';
const agents = [
  {
    id: 7,
    name: 'Reminder',
    status: 'active',
    created_at: run.created_at,
    workflow_uuid: '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0',
  },
];

/** Answers the other requests for a record. @returns whether it was one of them. */
function answerBeside({ url }: ReceivedRequest, response: ServerResponse): boolean {
  if (url.startsWith('/api/v1/workflow/fetch')) replyJson(response, 200, agents);
  else if (url === '/api/v1/public/download/workflow/t/transcript') answerTranscript(response);
  else return false;
  return true;
}

let answerTranscript: (response: ServerResponse) => void;

beforeEach(() => {
  answerTranscript = (response) => response.writeHead(200).end(said);
});

async function find(reply: unknown, { status = 200, input = 501 }: Search = {}) {
  server = await startLocalServer((request, response) => {
    if (!answerBeside(request, response)) replyJson(response, status, reply);
  });
  return runStep(findCallStep, makeBundle(server.url, { run: input }));
}

/** The value that Zapier reads when a later step uses it. */
function later(hydrator: string): string {
  const payload = { type: 'method', method: `hydrators.${hydrator}`, bundle: { run_id: 501 } };
  return `hydrate|||${JSON.stringify(payload)}|||hydrate`;
}

/** The file that Zapier reads when a later step uses it. */
function fileOf(hydrator: string): string {
  const payload = { type: 'file', method: `hydrators.${hydrator}`, bundle: { run_id: 501 } };
  return `hydrate|||${JSON.stringify(payload)}|||hydrate`;
}

const found = {
  id: 501,
  name: 'WR-API-7823',
  agent: 'workflow/0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0',
  agent_id: 7,
  agent_name: 'Reminder',
  status: 'completed',
  is_completed: true,
  waiting_for: null,
  due_at: null,
  reason: null,
  explanation: null,
  disposition: 'user_hangup',
  answered_by: null,
  voicemail_left: null,
  duration_seconds: 42,
  phone_number: '+14155550100',
  caller_number: '+14155550199',
  direction: 'outbound',
  created_at: '2026-08-22T03:04:05.123Z',
  completed_at: null,
  reference: null,
  attempt: null,
  attempts: null,
  mode: 'twilio',
  is_sandbox: false,
  fallback_from_name: null,
  fallback_reason: null,
  unresolved_variables: null,
  ignored_fields: null,
  transcript_url: 'https://api.example.com/api/v1/public/download/workflow/t/transcript',
  recording_url: 'https://api.example.com/api/v1/public/download/workflow/t/recording',
  transcript: said,
  utterances: [
    { speaker: 'assistant', started_at: '2026-08-22T03:04:06Z', text: 'Hello Jane.' },
    { speaker: 'user', started_at: '2026-08-22T03:04:09Z', text: 'Hello.' },
  ],
  transcript_file: fileOf('downloadTranscript'),
  recording_file: fileOf('downloadRecording'),
  initial_context: run.initial_context,
  gathered_context: run.gathered_context,
};

test('an ended call is found by its run id, as a flat record with every value', async () => {
  expect(await find(run)).toEqual([found]);
  expect(server.requests.map(({ url }) => url)).toEqual([
    '/api/v1/workflow/0/runs/501',
    '/api/v1/workflow/fetch?status=active',
    '/api/v1/public/download/workflow/t/transcript',
  ]);
});

test('a transcript that cannot be read now is read later by the step that uses it', async () => {
  answerTranscript = (response) => {
    replyJson(response, 503, { detail: 'away' });
  };
  const [result] = await find(run);
  expect(result).toMatchObject({
    transcript: later('transcriptText'),
    utterances: later('utterances'),
  });
});

test('the deferred transcript and utterances can be read by a later step', async () => {
  await find(run);
  const bundle = makeBundle(server.url, { run_id: 501 });
  expect(await appTester(transcriptText, bundle)).toBe(said);
  expect(await appTester(utterances, bundle)).toEqual(found.utterances);
});

test('a run id mapped as text is found, too', async () => {
  expect(await find(run, { input: ' 501 ' })).toEqual([found]);
});

test('a call in progress has the same keys, with null for unknown values', async () => {
  const [result] = await find({
    ...run,
    is_completed: false,
    transcript_url: null,
    recording_url: null,
    transcript_public_url: null,
    recording_public_url: null,
    usage_info: null,
    cost_info: null,
    initial_context: null,
    gathered_context: null,
  });
  expect(Object.keys(result ?? {})).toEqual(Object.keys(found));
  expect(result).toMatchObject({
    status: 'in-progress',
    is_completed: false,
    disposition: null,
    answered_by: null,
    voicemail_left: null,
    duration_seconds: null,
    phone_number: null,
    transcript_url: null,
    recording_url: null,
    transcript: null,
    utterances: null,
    transcript_file: null,
    recording_file: null,
    initial_context: {},
    gathered_context: {},
  });
});

test.each(['busy', 'no-answer', 'canceled', 'failed', 'error'])(
  'a call that Dograh ended with %s has that status, and never "completed"',
  async (disposition) => {
    const result = await find({ ...run, gathered_context: { call_disposition: disposition } });
    expect(result).toMatchObject([{ status: disposition, disposition }]);
  },
);

test.each([
  ['inbound', {}, 'inbound'],
  ['outbound', { direction: 'inbound' }, 'outbound'],
  ['', { direction: 'inbound' }, 'inbound'],
  ['', {}, null],
  ['sideways', { direction: 7 }, null],
])(
  'a call of the type "%s" whose context is %j has the direction %j',
  async (callType, context, direction) => {
    expect(await find({ ...run, call_type: callType, initial_context: context })).toMatchObject([
      { direction },
    ]);
  },
);

test('a status that the server reports is used', async () => {
  expect(await find({ ...run, is_completed: false, status: 'ringing' })).toMatchObject([
    { status: 'ringing' },
  ]);
});

test('the URL of an artifact that does not exist is null, although Dograh returns one', async () => {
  expect(await find({ ...run, recording_url: null })).toMatchObject([
    {
      recording_url: null,
      recording_file: null,
      transcript_url: 'https://api.example.com/api/v1/public/download/workflow/t/transcript',
      transcript: found.transcript,
    },
  ]);
});

const notes = {
  fallback_from: { telephony_configuration_id: 1, name: 'PBX', provider: 'ari', reason: 'It is away' },
  unresolved_variables: ['day'],
  ignored_fields: [],
  reference: 'order-7823',
  attempt: 1,
};

test('the record has the replaced account and the unresolved variables', async () => {
  expect(await find({ ...run, ...notes, mode: 'sandbox', reason: 'not_placed' })).toMatchObject([
    {
      mode: 'sandbox',
      is_sandbox: true,
      reason: 'not_placed',
      fallback_from_name: 'PBX',
      fallback_reason: 'It is away',
      unresolved_variables: ['day'],
      ignored_fields: [],
    },
  ]);
});

test('the sample has the keys of a real result, with values of the same types', async () => {
  const gathered_context = { ...run.gathered_context, answered_by: 'human' };
  const [result] = await find({ ...run, ...notes, completed_at: run.created_at, gathered_context });
  expect(typesOf(findCall.operation.sample ?? {})).toEqual(typesOf(result ?? {}));
});

function typesOf(record: object) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, typeof value]));
}

test('a run that does not exist is no match and no error', async () => {
  expect(await find({ detail: 'Workflow run not found' }, { status: 404 })).toEqual([]);
});

test.each([null, '', 'abc', '0', 1.5])('a run id of %j halts the step without a request', async (input) => {
  const failure = await failureOf(find(run, { input }));
  expect(failure).toEqual({ name: 'HaltedError', message: expect.stringContaining('Run ID: ') as string });
  expect(server.requests).toEqual([]);
});

test('a timestamp without a zone is in UTC', async () => {
  expect(await find({ ...run, created_at: '2026-08-22T03:04:05.123456' })).toMatchObject([
    { created_at: '2026-08-22T03:04:05.123Z' },
  ]);
});

describe('without a run id', () => {
  const [{ workflow_uuid: uuid } = { workflow_uuid: '' }] = agents;
  const row = {
    id: 501,
    workflow_id: 7,
    workflow_name: 'Reminder',
    name: 'WR-API-7823',
    created_at: run.created_at,
    dograh_token_usage: 0,
    call_duration_seconds: 42,
    called_number: '+14155550100',
  };

  async function findBy(input: Record<string, unknown>, rows: object[]) {
    server = await startLocalServer((request, response) => {
      if (answerBeside(request, response)) return;
      const { url } = request;
      const replies: Record<string, unknown> = {
        '/api/v1/workflow/0/runs/501': run,
        '/api/v1/organizations/usage/runs': {
          runs: rows,
          total_dograh_tokens: 0,
          total_duration_seconds: 0,
          total_count: rows.length,
          page: 1,
          limit: 100,
          total_pages: 1,
        },
      };
      const reply = replies[url.split('?', 1)[0] ?? ''];
      replyJson(response, reply === undefined ? 404 : 200, reply ?? { detail: 'Not Found' });
    });
    return runStep(findCallStep, makeBundle(server.url, input));
  }

  function sentFilters(): unknown {
    const list = server.requests.find(({ url }) => url.startsWith('/api/v1/organizations/usage/runs'));
    return JSON.parse(new URL(list?.url ?? '', server.url).searchParams.get('filters') ?? '');
  }

  test('the last call to a number is found', async () => {
    const rows = [{ ...row, id: 502, called_number: '+141555501009' }, row, { ...row, id: 500 }];
    expect(await findBy({ phone_number: '+1 415 555 0100' }, rows)).toEqual([found]);
  });

  test('only calls of the chosen agent are searched', async () => {
    await findBy({ phone_number: '+14155550100', agent: `workflow/${uuid}` }, [row]);
    expect(sentFilters()).toEqual([
      { attribute: 'callChannel', type: 'radio', value: { status: 'telephony' } },
      { attribute: 'workflowId', type: 'number', value: { value: 7 } },
      { attribute: 'calledNumber', type: 'text', value: { value: '+14155550100' } },
    ]);
  });

  test('a number that was not called is no match and no error', async () => {
    expect(await findBy({ phone_number: '+14155550100' }, [])).toEqual([]);
  });

  test.each([
    [{ phone_number: '4155550100' }, 'Phone Number: '],
    [{ phone_number: '+14155550100', agent: 'Reminder agent' }, 'Agent: choose one from the list'],
  ])('%j halts the step and says what to enter', async (input, message) => {
    const failure = await failureOf(findBy(input, [row]));
    expect(failure).toEqual({ name: 'HaltedError', message: expect.stringContaining(message) as string });
  });
});

test.each([
  [401, 'ExpiredAuthError'],
  [403, 'AppError'],
  [429, 'ThrottledError'],
  [500, 'AppError'],
])('a %i is an %s', async (status, name) => {
  expect((await failureOf(find({ detail: 'no' }, { status }))).name).toBe(name);
});
