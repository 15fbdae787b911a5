import { serverVariableNames, type JsonObject, type JsonValue } from '@dograh-trigger/shared';
import { callMarker } from '@dograh-trigger/shared';
import app from '../../zapier-app/src/index';
import { startCallStep } from '../../zapier-app/src/creates/start-call';
import { agentVariableFields, extractedOutputFields, variableKey } from '../../zapier-app/src/call/variables';
import { definitionWith } from '../support/agents';
import { replyList } from '../support/dograh-stand-in';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { appTester, failureOf, makeBundle, runCommand, runStep } from '../support/zapier';

const uuid = '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0';
const agent = `workflow/${uuid}`;
const created = { status: 'active', created_at: '2026-08-22T03:04:05Z', workflow_uuid: uuid };

let server: LocalServer;
/** The agent's greeting, with its variables. */
let greeting: string;
/** More of its Start node. */
let extraction: JsonObject;
let status: number;
let detail: string;

beforeEach(async () => {
  status = 200;
  detail = 'no';
  greeting = '';
  extraction = {};
  server = await startLocalServer(({ method, url }, response) => {
    const replies: Record<string, unknown> = {
      '/api/v1/workflow/fetch?status=active': [{ id: 7, name: 'Reminder', ...created }],
      '/api/v1/workflow/fetch/7': {
        id: 7,
        name: 'Reminder',
        ...created,
        version_status: 'published',
        workflow_definition: definitionWith({ greeting, startData: extraction }),
      },
    };
    if (method === 'POST') {
      replyJson(response, 200, { status: 'initiated', workflow_run_id: 501, workflow_run_name: 'WR-API-1' });
    } else if (url.startsWith('/api/v1/organizations/usage/runs?')) replyList(response, []);
    else replyJson(response, status, status === 200 ? replies[url] : { detail });
  });
});

afterEach(async () => {
  await server.close();
});

function fieldsFor(value: unknown) {
  return appTester(agentVariableFields, makeBundle(server.url, { agent: value }));
}

/** The sent context of a call with these values, without the mark of its key. */
async function contextOf(input: Record<string, unknown>): Promise<unknown> {
  const fixed = { agent, environment: 'production', phone_number: '+14155550100' };
  await runStep(startCallStep, makeBundle(server.url, { ...fixed, ...input }));
  const [dial] = server.requests.filter(({ method }) => method === 'POST');
  const unmarked = (name: string, value: unknown) => (name === callMarker ? undefined : value);
  const sent = JSON.parse(dial?.body.toString('utf8') ?? '', unmarked) as { initial_context: unknown };
  return sent.initial_context;
}

test('each variable of the agent has a field with its name, and its fallback in the help text', async () => {
  greeting = 'Hello {{first_name | there}}, this is about {{order}}.';
  expect(await fieldsFor(agent)).toEqual([
    {
      key: 'variablefirst_005fname',
      label: 'first_name',
      type: 'string',
      required: false,
      helpText: 'When it is empty the agent says: `there`',
    },
    {
      key: 'variableorder',
      label: 'order',
      type: 'string',
      required: false,
      helpText: 'The agent says nothing in its place when it is empty.',
    },
  ]);
});

test('an agent without variables adds no field', async () => {
  greeting = 'Hello.';
  expect(await fieldsFor(agent)).toEqual([]);
});

test('reserved names have no fields', async () => {
  const names = [
    ...serverVariableNames,
    'direction.x',
    'initial_context.call_id',
    'gathered_context.interest',
  ];
  greeting = [...names, 'agent_name'].map((name) => `{{${name}}}`).join('');
  expect((await fieldsFor(agent)).map(({ label }) => label)).toEqual(['agent_name']);
});

test('an agent with many variables has a field for each', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `value_${String(index)}`);
  greeting = names.map((name) => `{{${name}}}`).join(' ');
  expect((await fieldsFor(agent)).map(({ label }) => label)).toEqual(names);
});

describe.each([
  'user.name',
  'first-name',
  'naïve',
  '名前',
  'a_b',
  'a__b',
  'a_005fb',
  'A',
  '__proto__',
  '😀',
  '1st',
])('the variable %s', (name) => {
  test('has a field with a valid key', async () => {
    greeting = `{{${name}}}`;
    const [field] = await fieldsFor(agent);
    expect(field?.label).toBe(name);
    expect(field?.key).toMatch(/^[a-zA-Z]+[a-zA-Z0-9_]*$/);
    expect(field?.key).not.toContain('__');
  });

  test('is sent under its own name', async () => {
    const path = name.split('.');
    const expected = path.reduceRight<unknown>((value, part) => Object.fromEntries([[part, value]]), 'Jane');
    expect(await contextOf({ [variableKey(name)]: 'Jane' })).toEqual(expected);
  });
});

test('no two variables share a field', () => {
  const names = ['a_b', 'a.b', 'a-b', 'ab', 'a_005fb', 'a__b', 'aB', 'a b'];
  expect(new Set(names.map(variableKey)).size).toBe(names.length);
});

test('an empty variable is not sent, so that the agent uses its fallback', async () => {
  expect(await contextOf({ variablename: '', variableday: null, variableage: 41 })).toEqual({ age: '41' });
});

test('when several fields have a name the later one is sent, and other names stay', async () => {
  const context = await contextOf({
    initial_context: { day: 'Monday', name: 'Pair', code: '00123' },
    variablename: 'Field',
    [variableKey('user.first')]: 'Jane',
    initial_context_json: { name: 'JSON', user: { last: 'Doe' } },
  });
  expect(context).toEqual({
    day: 'Monday',
    code: '00123',
    name: 'JSON',
    user: { first: 'Jane', last: 'Doe' },
  });
});

test('true, lists and objects of another step keep their types, and long numbers keep all digits', async () => {
  const context = await contextOf({
    variableisMember: true,
    variableisNew: false,
    variableitems: ['milk', 'bread'],
    variableorder: { id: 7 },
    variablecount: 3,
    variableempty: ' ',
    variablenothing: null,
    initial_context: { tags: ['a'], ok: true },
    initial_context_json: '{"account": 12345678901234567890}',
  });
  expect(context).toEqual({
    isMember: true,
    isNew: false,
    items: ['milk', 'bread'],
    order: { id: 7 },
    count: '3',
    tags: ['a'],
    ok: true,
    account: '12345678901234567890',
  });
});

test('a variable that is also a prefix of another one halts the step', async () => {
  const failure = await failureOf(contextOf({ variableuser: 'Jane', [variableKey('user.name')]: 'Jane' }));
  expect(failure.name).toBe('HaltedError');
  expect(failure.message).toContain('user');
  expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
});

test.each([uuid, '7', 7])('an agent selected by %j has its fields, too', async (value) => {
  greeting = 'Hello {{first_name}}.';
  expect(await fieldsFor(value)).toMatchObject([{ key: 'variablefirst_005fname' }]);
});

test.each(['6f1c3a52-8a52-4f4e-9d0e-2b8c7d1e5f90', 42])(
  'an agent of %j, which is not in the list, adds no field',
  async (value) => {
    greeting = 'Hello {{first_name}}.';
    expect(await fieldsFor(value)).toEqual([]);
  },
);

test.each([undefined, null, '', '{{123__id}}', 'https://api.dograh.com/api/v1/public/agent/support'])(
  'an agent of %j, which is a trigger, adds no field and sends no request',
  async (value) => {
    expect(await fieldsFor(value)).toEqual([]);
    expect(server.requests).toEqual([]);
  },
);

test.each([401, 404, 500])(
  'a server that answers %i leaves the step usable, with a note instead of the fields',
  async (code) => {
    status = code;
    expect(await fieldsFor(agent)).toEqual([
      {
        key: 'agent_note',
        type: 'copy',
        helpText: expect.stringContaining(
          'The variables of the agent cannot be listed; enter them below.',
        ) as string,
      },
    ]);
  },
);

test('the note with a long error has at most 1,000 characters, Zapier’s limit', async () => {
  status = 400;
  detail = `It is ${'very '.repeat(500)}wrong.`;
  const [note] = await fieldsFor(agent);
  expect(note?.helpText).toContain('It is very very');
  expect(note?.helpText?.length).toBeLessThanOrEqual(1000);
});

test('other people’s text is not formatted in a help text, and is on one line', async () => {
  greeting = '{{name | my `dear`\n\n[friend](/x)}}';
  const [field] = await fieldsFor(agent);
  expect(field?.helpText).toBe("When it is empty the agent says: `my 'dear' [friend](/x)`");
});

test('a long fallback is cut in the help text', async () => {
  greeting = `{{name | ${'long '.repeat(500)}}}`;
  const [field] = await fieldsFor(agent);
  expect(field?.helpText?.length).toBeLessThan(400);
});

test('in the definition the fields are a function of the chosen agent', async () => {
  const definition = (await runCommand('definition')) as {
    creates: Record<string, { operation: { inputFields: unknown[] } }>;
  };
  // Start Call and Wait has one more function, for the server note.
  for (const [key, functions] of [
    ['start_call', 1],
    ['start_call_and_wait', 2],
  ] as const) {
    const fields = definition.creates[key]?.operation.inputFields;
    expect(fields?.filter((field) => typeof field === 'string')).toHaveLength(functions);
    expect(fields).toContainEqual(expect.objectContaining({ key: 'agent', altersDynamicFields: true }));
  }
});

describe('output fields for what the agent extracts', () => {
  function outputFieldsFor(value: unknown) {
    return appTester(extractedOutputFields, makeBundle(server.url, { agent: value }));
  }
  const variables: JsonValue[] = [
    { name: 'day', type: 'string', prompt: 'The day that suits' },
    { name: 'party_size', type: 'number' },
    { name: 'is_sure', type: 'boolean' },
    { name: 'day', type: 'number' },
    { name: 'a__b', type: 'string' },
    { name: 'two words', type: 'string' },
    'no variable',
  ];

  test('each has its name and type, once; a name that a key cannot have adds none', async () => {
    extraction = { extraction_enabled: true, extraction_variables: variables };
    expect(await outputFieldsFor(agent)).toEqual([
      { key: 'gathered_context__extracted_variables__day', label: 'Extracted day', type: 'string' },
      {
        key: 'gathered_context__extracted_variables__party_size',
        label: 'Extracted party_size',
        type: 'number',
      },
      { key: 'gathered_context__extracted_variables__is_sure', label: 'Extracted is_sure', type: 'boolean' },
    ]);
  });

  test.each<[string, string, JsonObject]>([
    ['extraction that is off', agent, { extraction_enabled: false, extraction_variables: variables }],
    ['no agent, or one that is not mapped yet', '', { extraction_enabled: true }],
  ])('%s adds no field', async (_what, value, fields) => {
    extraction = fields;
    expect(await outputFieldsFor(value)).toEqual([]);
  });

  test('a server that does not answer keeps no step from being shown', async () => {
    status = 401;
    expect(await outputFieldsFor(agent)).toEqual([]);
  });

  test.each([
    ['Start Call and Wait', app.creates.start_call_and_wait],
    ['Find Call', app.searches.find_call],
    ['Call Completed', app.triggers.call_completed],
    ['Call Completed (Any Server)', app.triggers.call_completed_polling],
  ])('%s has them', (_name, { operation }) => {
    expect(operation.outputFields).toContain(extractedOutputFields);
  });
});
