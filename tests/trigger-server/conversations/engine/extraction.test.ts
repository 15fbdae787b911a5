/** What is extracted from a conversation: how it is asked for, how an answer is read, and where its values go. */
import {
  extractedValues,
  extractionRequest,
  parseAnswer,
  withExtracted,
} from '../../../../trigger-server/src/conversations/engine/extraction';
import { asksForNoCalls, concluded } from '../../../../trigger-server/src/conversations/engine/endings';
import type { Message } from '../../../../trigger-server/src/conversations/engine/port';
import { atBudget, budgetAgent, called, playTurn, said, scriptOf } from '../../../support/talks';

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
  const { request, leftOut } = extractionRequest(script, budget, state.messages);
  expect(leftOut).toBeNull();
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
  const [request] = extractionRequest(scriptOf(), { nodeId: '2', messages: 2 }, messages).request.messages;
  expect(request?.content).toContain('user: Yes, speaking.');
  expect(request?.content).not.toContain('What is your budget?');
});

it('keeps one request within its budget, however many variables there are, and says what is left out', () => {
  const row = (name: string) => ({ name, type: 'string', prompt: '{{long}}' });
  const withVariables = (names: string[]) => ({
    ...budgetAgent,
    nodes: budgetAgent.nodes.map((node) => ({
      ...node,
      data: { ...node.data, extraction_variables: names.map(row) },
    })),
  });
  const history: Message[] = Array.from({ length: 80 }, (_, index) => ({
    role: 'user',
    content: `${String(index)} ${'word '.repeat(400)}`,
  }));
  const asked = (names: string[]) => {
    const script = scriptOf({ definition: withVariables(names), context: { long: 'x'.repeat(32_000) } });
    const { request, leftOut } = extractionRequest(script, budget, history);
    return { text: request.messages[0]?.content ?? '', leftOut };
  };
  const many = asked(Array.from({ length: 5000 }, (_, index) => `a${String(index)}`));
  expect(many.text.length).toBeLessThan(140_000);
  expect(many.leftOut).toMatch(
    /^49\d\d of 5000 variables are left out; the hints of \d+ variables are cut; the beginning/,
  );
  expect(many.text).toContain('user: 79 word');
  expect(many.text).not.toContain('user: 0 word');
  const huge = asked(['b'.repeat(70_000), 'c']);
  expect(huge.leftOut).toContain('1 of 2 variables are left out');
  expect(huge.text).toContain('- c (string): xxx');
});

it('a tool’s word that the callee must not be called again stands over an extracted disposition', async () => {
  const { state } = await playTurn(scriptOf(), await atBudget(), said('Never call again'), [
    called('hang_up', { reason: 'Do not call' }),
  ]);
  const gathered = withExtracted(state.gathered, { call_disposition: 'not_interested', budget: 5 });
  expect(concluded({ ...state, gathered })).toMatchObject({
    call_disposition: 'do_not_call',
    mapped_call_disposition: 'do_not_call',
    budget: 5,
    extracted_variables: { call_disposition: 'not_interested' },
  });
});

it.each([
  ['do_not_call', true],
  ['Do-Not-Call!', true],
  ['DNC', true],
  ["Don't call again", true],
  ['not_interested', false],
  ['do_not_call_before_noon', false],
  [null, false],
])('the reason %j asks for no further calls: %s', (reason, asks) => {
  expect(asksForNoCalls(reason)).toBe(asks);
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

it('cuts a long text, and leaves out a value that is long or deep otherwise', () => {
  const deep = `{"budget": ${'['.repeat(70)}${']'.repeat(70)}, "note": "x"}`;
  const take = (answer: string) => extractedValues(scriptOf(), budget, answer);
  expect(take(deep)).toEqual({});
  expect(take(JSON.stringify({ note: 'n'.repeat(9000), budget: Array(9000).fill(1) }))).toEqual({
    note: 'n'.repeat(4000),
  });
  expect(take('{"note": "a\\u0000b"}')).toEqual({ note: 'ab' });
});

it.each([
  ['Not interested', 'not_interested'],
  ['call-back', 'call_back'],
  ['Mr Smith asks to call +49 170 5550100 instead', 'user_hangup'],
  ['x'.repeat(65), 'user_hangup'],
])('a disposition is a word, and no text of the call: %j is %s', async (text, disposition) => {
  const { state } = await playTurn(scriptOf(), await atBudget(), { kind: 'hung_up' });
  const end = concluded({ ...state, gathered: withExtracted(state.gathered, { call_disposition: text }) });
  expect(end).toMatchObject({ call_disposition: disposition, mapped_call_disposition: disposition });
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
