/** The language model of an organization, saved, kept and forgotten in the console. Its endpoint knows one key. */
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';
import { startScene, type BrowserWindow, type Scene } from './scene';

jest.setTimeout(180_000);

const key = 'sk-the-right-key';
let endpoint: LocalServer;
let scene: Scene;
let window: BrowserWindow;

beforeAll(async () => {
  endpoint = await startLocalServer((request, response) => {
    const isRight = request.headers.authorization === `Bearer ${key}`;
    replyJson(response, isRight ? 200 : 401, isRight ? { data: [] } : { error: { code: 'invalid_api_key' } });
  });
  scene = await startScene({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  window = await scene.openSignedIn();
});
afterAll(async () => {
  await scene.stop();
  await endpoint.close();
});

async function open() {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/agents`);
  await page.getByRole('button', { name: 'Language model' }).click();
  return page.getByRole('dialog', { name: 'Language model' });
}

test('a wrong key is refused at its field; the right one is saved, shown as a mask, kept and forgotten', async () => {
  const { page } = window;
  const first = await open();
  await first.getByText('There is no language model yet.').waitFor();
  await first.getByLabel('Provider').selectOption('Another server: Ollama, vLLM, llama.cpp …');
  await first.getByLabel('Address').fill(`${endpoint.url}/v1`);
  await first.getByLabel('API key').fill('sk-a-wrong-key');
  await first.getByRole('button', { name: 'Save the model' }).click();
  await first.getByText('The endpoint refused this API key (HTTP 401).', { exact: true }).waitFor();

  await first.getByLabel('API key').fill(key);
  await first.getByRole('button', { name: 'Save the model' }).click();
  await page.getByText('Saved, and the key works.').waitFor();

  const second = await open();
  await second.getByText('Your agents talk with llama3.1.').waitFor();
  await second.getByText('-key). Leave this empty to keep it.').waitFor();
  expect(await second.getByLabel('API key').inputValue()).toBe('');
  const folder = process.env.PICTURES;
  if (folder !== undefined) await page.screenshot({ path: `${folder}/language-model.png` });
  await second.getByLabel('Model').fill('llama3.2');
  await second.getByRole('button', { name: 'Save the model' }).click();
  await page.getByText('Saved, and the key works.').waitFor();

  const third = await open();
  await third.getByText('Your agents talk with llama3.2.').waitFor();
  await third.getByRole('button', { name: 'Forget this model' }).click();
  await page.getByText('Forgotten. Agents that name no answer announce their greeting.').waitFor();
});
