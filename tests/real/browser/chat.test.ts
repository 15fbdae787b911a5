/** A chat with an agent by typing, in the console, and its record. The model is a server that plays its answers. */
import type { Agent } from '@dograh-trigger/shared';
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';
import { budgetAgent } from '../../support/talks';
import { startScene, type BrowserWindow, type Scene } from './scene';

jest.setTimeout(180_000);

let model: LocalServer;
let scene: Scene;
let window: BrowserWindow;
let agent: Agent;

/** `say`, `call` a function, or answer a request for values with them. */
type Answer = { say: string } | { call: string } | { values: object } | { refuse: number };
const answers: Answer[] = [];

beforeAll(async () => {
  model = await startLocalServer((_request, response) => {
    const answer = answers.shift() ?? { refuse: 401 };
    if ('refuse' in answer) {
      replyJson(response, answer.refuse, { error: { code: 'invalid_api_key' } });
      return;
    }
    if ('values' in answer) {
      const message = { role: 'assistant', content: JSON.stringify(answer.values) };
      replyJson(response, 200, { choices: [{ message, finish_reason: 'stop' }] });
      return;
    }
    const delta =
      'say' in answer
        ? { content: answer.say }
        : { tool_calls: [{ index: 0, id: 'c1', function: { name: answer.call, arguments: '{}' } }] };
    response.setHeader('content-type', 'text/event-stream');
    response.end(
      `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`,
    );
  });
  scene = await startScene({ LLM_BASE_URL: `${model.url}/v1`, LLM_MODEL: 'played-1' });
  const nodes = budgetAgent.nodes.map(({ data: { tool_uuids: _tools, ...data }, ...node }) => ({
    ...node,
    data,
  }));
  agent = await scene.api<Agent>('POST', '/workflow/create/definition', {
    name: 'Mia',
    workflow_definition: { nodes, edges: budgetAgent.edges },
  });
  await scene.api('PUT', `/workflow/${String(agent.id)}`, {
    template_context_variables: { user: { name: 'Ada' } },
  });
  window = await scene.openSignedIn();
});
afterAll(async () => {
  await scene.stop();
  await model.close();
});

/** For a person who reviews the screens. */
async function picture(name: string): Promise<void> {
  const folder = process.env.PICTURES;
  if (folder !== undefined) await window.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

async function say(text: string): Promise<void> {
  await window.page.getByLabel('What you say').fill(text);
  await window.page.getByRole('button', { name: 'Send' }).click();
}

test('the chat shows both speakers, the steps between, the current step and the values; a failure in words', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/agents/${String(agent.id)}?view=chat`);
  await page.getByRole('button', { name: 'Start the chat' }).click();
  const log = page.getByRole('log', { name: 'Conversation' });
  const standing = page.getByRole('complementary', { name: 'Where the chat stands' });
  await log.getByText('Hi Ada, this is Mia.').waitFor();

  await say('Hello?');
  await page.getByText('Failed to execute text chat assistant turn').waitFor();
  await picture('chat-failure');

  answers.push({ call: 'right_person_' }, { say: 'What is your budget?' });
  await say('Yes, speaking.');
  await log.getByText('What is your budget?').waitFor();
  expect(await log.getByRole('listitem').allTextContents()).toEqual([
    'Step: Greeting',
    expect.stringMatching(/^Agent .*Hi Ada, this is Mia\.$/),
    expect.stringMatching(/^Person .*Hello\?$/),
    expect.stringContaining('refused the API key'),
    expect.stringMatching(/^Person .*Yes, speaking\.$/),
    'Step: Budget',
    expect.stringMatching(/^Agent .*What is your budget\?$/),
  ]);
  await standing.getByText('Budget', { exact: true }).waitFor();
  expect(await page.getByLabel('What you say').inputValue()).toBe('');

  answers.push(
    { call: 'budget_known' },
    { say: 'Thank you. Goodbye!' },
    { values: { budget: 500, note: 'call in the evenings' } },
  );
  await say('Five hundred, call in the evenings.');
  await page.getByText('The conversation has ended.').waitFor();
  expect(await standing.getByRole('definition').allTextContents()).toEqual(['500', 'call in the evenings']);
  await picture('chat');
  await page.setViewportSize({ width: 390, height: 844 });
  await picture('chat-390');
  await page.setViewportSize({ width: 1280, height: 900 });
});

test('its record has the transcript with its steps, the values and the tokens, and offers no call', async () => {
  const { page } = window;
  await page.getByRole('link', { name: 'Its record' }).click();
  await page.getByRole('heading', { name: /^Text chat \d+$/ }).waitFor();
  await page.getByText('Step: Goodbye').waitFor();
  await page.getByText(/: \d+ tokens/).waitFor();
  await page.getByRole('heading', { name: 'Extracted values' }).waitFor();
  expect(await page.getByRole('button', { name: 'Call again' }).count()).toBe(0);
  await picture('chat-record');
  await page.goto(`${scene.baseUrl}/calls`);
  await page.getByRole('link', { name: 'Text chat' }).waitFor();
});

test('started again, the chat begins with its opening alone', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/agents/${String(agent.id)}?view=chat`);
  await page.getByRole('button', { name: 'Start the chat' }).click();
  const log = page.getByRole('log', { name: 'Conversation' });
  await log.getByText('Hi Ada, this is Mia.').waitFor();
  answers.push({ say: 'I see.' });
  await say('Who is this?');
  await log.getByText('I see.').waitFor();
  await page.getByRole('button', { name: 'Start again' }).click();
  await log.getByText('I see.').waitFor({ state: 'detached' });
  await log.getByText('Hi Ada, this is Mia.').waitFor();
  expect(await log.getByRole('listitem').count()).toBe(2);
});

test('nothing was blocked, nothing left the server, and no error went uncaught', () => {
  const { violations, foreignRequests, errors } = window;
  expect({ violations, foreignRequests, errors }).toEqual({
    violations: [],
    foreignRequests: [],
    errors: [],
  });
});
