/** The node as the tool of an AI agent in a real n8n: what the model is offered, what it gets back, what is dialled. */
import type { LocalServer } from '../../support/local-server';
import { startDograh, type Dograh } from './dograh';
import { startModel, type ChatRequest } from './model';
import { startN8n, type N8n } from './n8n';
import { createWorkflow, dograhNodeType, runWorkflow, startWith, type TestNode } from './workflows';

const anna = '+14155550101';
const ben = '+14155550102';
const notANumber = '4155550103';

let n8n: N8n;
let dograh: Dograh;
let model: LocalServer;

beforeAll(async () => {
  n8n = await startN8n();
  dograh = await startDograh();
  const calls = [anna, ben, notANumber].map((number) => ({
    name: 'Place_a_call',
    arguments: { Phone_Number: number, Variables: { first_name: 'Anna' } },
  }));
  model = await startModel(calls, 'Two of three were called.');
}, 1_800_000);

afterAll(async () => {
  await model.close();
  await dograh.stop();
  await n8n.stop();
});

test('an AI agent calls through the tool, and reads what became of each call', async () => {
  const dograhApi = await n8n.createCredential('dograhApi', dograh.credential);
  const openAiApi = await n8n.createCredential('openAiApi', { apiKey: 'key', url: `${model.url}/v1` });
  const nodes: TestNode[] = [
    startWith({ ask: 'Call these three' }),
    {
      name: 'Assistant',
      type: '@n8n/n8n-nodes-langchain.agent',
      typeVersion: 3,
      parameters: { promptType: 'define', text: '={{ $json.ask }}' },
    },
    {
      name: 'Model',
      type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
      typeVersion: 1.2,
      parameters: { model: { __rl: true, mode: 'id', value: 'test-model' } },
      credentials: { openAiApi },
    },
    {
      name: 'Place a call',
      type: `${dograhNodeType}Tool`,
      credentials: { dograhApi },
      parameters: {
        agent: { __rl: true, mode: 'list', value: dograh.agent.uuid },
        phoneNumber: "={{ $fromAI('Phone_Number', 'The number to call', 'string') }}",
        specifyVariables: 'json',
        jsonVariables: "={{ $fromAI('Variables', 'What is known of the person', 'json') }}",
      },
    },
  ];
  const workflow = await createWorkflow(n8n, nodes, [
    ['Start', 'Assistant'],
    ['Model', 'Assistant', { type: 'ai_languageModel' }],
    ['Place a call', 'Assistant', { type: 'ai_tool' }],
  ]);
  const execution = await runWorkflow(n8n, workflow);
  expect(execution.items('Assistant')).toMatchObject([{ json: { output: 'Two of three were called.' } }]);
  expect(execution.runCount('Place a call')).toBe(3);
  expect(await dograh.dials()).toEqual({ [anna]: 1, [ben]: 1 });

  const [first, last] = model.requests.map(({ body }) => JSON.parse(body.toString()) as ChatRequest);
  expect(first?.tools).toMatchObject([
    {
      function: {
        name: 'Place_a_call',
        description: 'Place a call in Dograh',
        parameters: { properties: { Phone_Number: { type: 'string' }, Variables: {} } },
      },
    },
  ]);
  const results = last?.messages.filter(({ role }) => role === 'tool') ?? [];
  expect(results.map(({ content }) => JSON.parse(content) as unknown)).toEqual([
    [expect.objectContaining({ phone_number: anna, status: 'initiated' })],
    [expect.objectContaining({ phone_number: ben, status: 'initiated' })],
    [{ error: expect.stringMatching(/^Phone Number: .*E\.164/) }],
  ]);
});
