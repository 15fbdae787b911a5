/** What is extracted from a conversation: how it is asked for, how an answer is read, and where its values go. */
import {
  extractedValues,
  extractionRequest,
  parseAnswer,
  withExtracted,
} from '../../../../trigger-server/src/conversations/engine/extraction';
import { concluded } from '../../../../trigger-server/src/conversations/engine/endings';
import { atBudget, called, playTurn, said, scriptOf } from '../../../support/talks';

const budget = { nodeId: '2', messages: 1000 };

it.each([
  ['```json\n{"budget": 500}\n```', { budget: 500 }],
  ['Sure! {"a": {"b": "}"}} thanks', { a: { b: '}' } }],
  ['```json\nnot json\n``` {"b":2}', { b: 2 }],
  ['text {bad} then {"a":1}', { raw: 'text {bad} then {"a":1}' }],
  ['[1,2]', [1, 2]],
  ['42', { raw: '42' }],
  ['null', { raw: 'null' }],
  ['', {}],
])('R6: reads the answer %j', (answer, value) => {
  expect(parseAnswer(answer)).toEqual(value);
});

it('R7: asks for the variables of a node with the whole conversation, without transitions and with results', async () => {
  const script = scriptOf({
    tools: [{ ...lookUp, functionName: 'lookup' }],
  });
  const first = await atBudget(script);
  const { state } = await playTurn(
    script,
    first,
    said('Five hundred, call in the evenings.'),
    [called('lookup'), { text: '' }, { text: '' }],
    { status: 'success', status_code: 200, data: { plan: 'gold' } },
  );
  const request = extractionRequest(script, budget, state.messages);
  expect(request.system.endsWith('\n\nAmounts are in EUR.')).toBe(true);
  expect(request.functions).toEqual([]);
  expect(request.streamed).toBe(false);
  expect(request.messages).toEqual([
    {
      role: 'user',
      content: `

Variables to extract:
- budget (number): Budget in${' '}
- note (string):${' '}

Conversation history:
assistant: Hi Ada, this is Mia.
user: Yes, speaking.
assistant: What is your budget?
user: Five hundred, call in the evenings.
[Tool Response: lookup]
{"plan": "gold"}`,
    },
  ]);
});

const lookUp = {
  kind: 'http_api',
  id: 't1',
  functionName: 'look_up_plan',
  description: 'Finds the plan.',
  parameters: { type: 'object', properties: {} },
  message: null,
} as const;

it('asks with what was said until the node was left', async () => {
  const { messages } = await atBudget();
  const [request] = extractionRequest(scriptOf(), { nodeId: '2', messages: 2 }, messages).messages;
  expect(request?.content).toContain('user: Yes, speaking.');
  expect(request?.content).not.toContain('What is your budget?');
});

it.each([
  ['{"budget": "500", "note": "evenings", "made_up": 1}', { budget: 500, note: 'evenings' }],
  ['{"budget": "about 500"}', { budget: 'about 500' }],
  ['{"note": null}', { note: null }],
  ['[{"budget": 1}]', {}],
  ['I do not know.', {}],
])('takes the declared variables of %s, with exact numbers as numbers', (answer, values) => {
  expect(extractedValues(scriptOf(), budget, answer)).toEqual(values);
});

it('writes values beside what is known, but over nothing that the server says of the call', () => {
  const gathered = { nodes_visited: ['Greeting'], extracted_variables: { a: 1 }, a: 1 };
  expect(withExtracted(gathered, { budget: 500, nodes_visited: 'none', call_id: 'x' })).toEqual({
    nodes_visited: ['Greeting'],
    a: 1,
    budget: 500,
    extracted_variables: { a: 1, budget: 500, nodes_visited: 'none', call_id: 'x' },
  });
});

it('an extracted call_disposition is the disposition, and tags are taken from variables of that name', async () => {
  const { state } = await playTurn(scriptOf(), await atBudget(), { kind: 'hung_up' });
  const gathered = withExtracted(state.gathered, { call_disposition: 'sold', tag_mood: 'happy' });
  const end = concluded({ ...state, gathered: { ...gathered, call_disposition: 'sold' } });
  expect(end).toMatchObject({ call_disposition: 'sold', mapped_call_disposition: 'sold' });
  expect(end.call_tags).toEqual(['user_hangup', 'sold', 'user_speech', 'happy']);
});
