/** The node as the tool of an AI agent in a real n8n: the tool's description, its results, and the dialled calls. */
import type { LocalServer } from '../../support/local-server';
import { serverModes, startDograh, type Dograh } from './dograh';
import { startModel, type ChatRequest, type ToolCall } from './model';
import { startN8n, type N8n } from './n8n';
import { isN8n1, testIf } from './version';
import {
  createWorkflow,
  dograhNodeType,
  runWorkflow,
  startWith,
  type Execution,
  type TestNode,
} from './workflows';

const anna = '+14155550101';
const ben = '+14155550102';
const notANumber = '4155550103';

const testAgent = testIf(
  !isN8n1,
  'AI agents, because those of n8n 1 stream what the model says, and the model of this suite does not.',
);

let n8n: N8n;
let dograh: Dograh;
let model: LocalServer;

beforeAll(async () => {
  n8n = await startN8n();
}, 1_800_000);

afterAll(() => n8n.stop());

afterEach(async () => {
  await model.close();
  await dograh.stop();
});

function callTo(number: string): ToolCall {
  return { name: 'Place_a_call', arguments: { Phone_Number: number, Variables: { first_name: 'Anna' } } };
}

/** Runs the agent with these rounds of tool calls. @param tool additional settings of the tool */
async function runAgent(
  typeVersion: number,
  rounds: ToolCall[][],
  tool: Partial<TestNode> = {},
): Promise<Execution> {
  model = await startModel(rounds, 'That is all.');
  const dograhApi = await n8n.createCredential('dograhApi', dograh.credential);
  const openAiApi = await n8n.createCredential('openAiApi', { apiKey: 'key', url: `${model.url}/v1` });
  const nodes: TestNode[] = [
    startWith({ ask: 'Call them' }),
    {
      name: 'Assistant',
      type: '@n8n/n8n-nodes-langchain.agent',
      typeVersion,
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
      ...tool,
    },
  ];
  const workflow = await createWorkflow(n8n, nodes, [
    ['Start', 'Assistant'],
    ['Model', 'Assistant', { type: 'ai_languageModel' }],
    ['Place a call', 'Assistant', { type: 'ai_tool' }],
  ]);
  return runWorkflow(n8n, workflow);
}

function conversations(): ChatRequest[] {
  return model.requests.map(({ body }) => JSON.parse(body.toString()) as ChatRequest);
}

/** The results of the tool calls, as the model received them. */
function toolResults(): string[] {
  const { messages = [] } = conversations().at(-1) ?? {};
  return messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
}

describe.each(serverModes)('%s', (_, environment) => {
  beforeEach(async () => {
    dograh = await startDograh(environment);
  });

  testAgent('an AI agent calls through the tool, and reads what became of each call', async () => {
    const execution = await runAgent(3, [[callTo(anna), callTo(ben), callTo(notANumber)]]);
    expect(execution.items('Assistant')).toMatchObject([{ json: { output: 'That is all.' } }]);
    expect(execution.runCount('Place a call')).toBe(3);
    expect(await dograh.dials()).toEqual({ [anna]: 1, [ben]: 1 });
    expect(conversations()[0]?.tools).toMatchObject([
      {
        function: {
          name: 'Place_a_call',
          description: 'Place call in Dograh',
          parameters: { properties: { Phone_Number: { type: 'string' }, Variables: {} } },
        },
      },
    ]);
    expect(toolResults().map((content) => JSON.parse(content) as unknown)).toEqual([
      [expect.objectContaining({ phone_number: anna, status: 'initiated' })],
      [expect.objectContaining({ phone_number: ben, status: 'initiated' })],
      [{ error: expect.stringMatching(/^Phone Number: .*E\.164/) }],
    ]);
  });

  testAgent.each([2, 3])(
    'with agent version %d neither Retry On Fail nor a repeated tool call calls anybody twice',
    async (typeVersion) => {
      // More than there are tries: three of the tool in each of two turns, each with two repeats of a keyed request.
      dograh.mishaps.set(anna, Array(18).fill('reply lost'));
      const retries = { retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };
      await runAgent(typeVersion, [[callTo(anna)], [callTo(anna)]], retries);
      // The list of calls has the first one, so that the tool returns it to the model.
      expect(toolResults().map((content) => JSON.parse(content) as unknown)).toEqual([
        [expect.objectContaining({ phone_number: anna, already_placed: false })],
        [expect.objectContaining({ phone_number: anna, already_placed: true })],
      ]);
      expect(await dograh.dials()).toEqual({ [anna]: 1 });
    },
  );
});
