/** From an empty server to a call, its recording and its event: everything in the browser, but for the call itself. */
import type { Locator, Page } from 'playwright-core';
import { startLocalServer, type LocalServer } from '../../support/local-server';
import { until } from '../until';
import { keyboard, mouse, type Hands } from './hands';
import { person, startScene, type BrowserWindow, type Scene } from './scene';

// The test has many steps, and may run on a busy machine.
jest.setTimeout(300_000);

let scene: Scene;
let window: BrowserWindow;
let receiver: LocalServer;

beforeEach(async () => {
  receiver = await startLocalServer((_request, response) => response.writeHead(204).end());
  scene = await startScene({ SANDBOX_STEP_MS: '1500' });
  window = await scene.open();
});
afterEach(async () => {
  await scene.stop();
  await receiver.close();
});

function readClipboard(page: Page): Promise<string> {
  return page.evaluate<string>('navigator.clipboard.readText()');
}

async function call(url: string, apiKey: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ phone_number: '+14155550100', initial_context: { user: { name: 'Jane' } } }),
  });
}

async function signInByLink(page: Page, hands: Hands): Promise<void> {
  await page.goto(scene.signInLink);
  await hands.write(page.getByLabel('E-mail'), person.email);
  await hands.write(page.getByLabel('New password'), person.password);
  await hands.press(page.getByRole('button', { name: 'Sign in' }));
  await page.getByRole('heading', { name: 'No calls yet' }).waitFor();
}

async function subscribe(page: Page, hands: Hands): Promise<void> {
  await hands.press(page.getByRole('link', { name: 'Events' }));
  await hands.press(page.getByRole('button', { name: 'Add a subscription' }));
  await hands.write(page.getByLabel('Address'), `${receiver.url}/calls`);
  await hands.press(page.getByRole('button', { name: 'Add the subscription' }));
  await page.getByRole('cell', { name: `${receiver.url}/calls`, exact: true }).waitFor();
}

async function makeKey(page: Page, hands: Hands): Promise<string> {
  await hands.press(page.getByRole('link', { name: 'Guard and keys' }));
  await hands.choose(page.getByRole('tab', { name: 'API keys' }));
  await hands.press(page.getByRole('button', { name: 'Create a key' }));
  await hands.write(page.getByLabel('Name'), 'Order system');
  await hands.press(page.getByRole('button', { name: 'Create the key' }));
  await hands.press(page.getByRole('button', { name: 'Copy: the API key' }));
  await page.getByRole('button', { name: 'Copied: the API key' }).waitFor();
  const key = await readClipboard(page);
  await hands.press(page.getByRole('button', { name: 'I have copied the key' }));
  return key;
}

async function publishGreeting(page: Page, hands: Hands, greeting: string): Promise<void> {
  await hands.press(page.getByRole('link', { name: 'Agents', exact: true }));
  await hands.press(page.getByRole('link', { name: 'Demo agent' }));
  await hands.choose(page.getByRole('tab', { name: 'Settings' }));
  await hands.press(page.getByLabel('Record the calls'));
  await hands.choose(page.getByRole('tab', { name: 'Greeting' }));
  await hands.write(page.getByLabel('What the agent says'), greeting);
  await page.getByText('The callee hears:').waitFor();
  await hands.press(page.getByRole('button', { name: 'Publish' }));
  await hands.press(page.getByRole('button', { name: 'Save and publish' }));
  await page.getByText('In production').waitFor();
}

async function copyProductionUrl(page: Page, hands: Hands): Promise<string> {
  await hands.choose(page.getByRole('tab', { name: 'Canvas' }));
  await hands.press(page.getByRole('button', { name: /^API Trigger/ }));
  const dialog = page.getByRole('dialog');
  await hands.choose(dialog.getByRole('tab', { name: 'Production URL' }));
  await hands.press(dialog.getByRole('button', { name: 'Copy: the production URL' }));
  await dialog.getByRole('button', { name: 'Copied: the production URL' }).waitFor();
  const url = await readClipboard(page);
  await hands.press(dialog.getByRole('button', { name: 'Done' }));
  return url;
}

/** Opens the call and plays its recording to the end. @returns the statuses with which the browser was sent it. */
async function hearRecording(page: Page, hands: Hands, link: Locator): Promise<number[]> {
  const statuses: number[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/recording?')) statuses.push(response.status());
  });
  await hands.press(link);
  const conversation = page.getByRole('region', { name: 'Conversation' });
  await conversation.getByText('Good morning Jane, your order is ready.').waitFor();
  const player = page.getByLabel('Recording');
  await player.waitFor();
  await hands.play(player);
  await until('the recording has been played', () =>
    player.evaluate((audio: { ended: boolean }) => audio.ended),
  );
  return statuses;
}

it.each([
  ['with a mouse', mouse],
  ['with the keyboard alone', keyboard],
])(
  '%s: sign in, publish a greeting, copy the production URL, see its call end, hear it, send its event again, archive the key',
  async (_, handsOf) => {
    const { page } = window;
    const hands = handsOf(page);
    await signInByLink(page, hands);
    await subscribe(page, hands);
    const key = await makeKey(page, hands);
    await publishGreeting(page, hands, 'Good morning {{user.name}}, your order is ready.');
    const url = await copyProductionUrl(page, hands);
    expect(url).toMatch(new RegExp(`^${scene.baseUrl}/api/v1/public/agent/[0-9a-f-]{36}$`));

    await hands.press(page.getByRole('link', { name: 'Calls', exact: true }));
    await page.getByRole('heading', { name: 'No calls yet' }).waitFor();
    // It would not outlive a reload.
    await page.evaluate('globalThis.isFirstDocument = true');
    expect((await call(url, key)).status).toBe(200);
    const row = page.getByRole('row', { name: '+14155550100' });
    for (const state of ['ringing', 'answered', 'completed']) await row.getByText(state).waitFor();
    expect(await row.textContent()).toContain('Order system');
    expect(await page.evaluate('globalThis.isFirstDocument')).toBe(true);

    const statuses = await hearRecording(page, hands, row.getByRole('link', { name: '+14155550100' }));
    // It was sent in the parts that the player asked for.
    expect(new Set(statuses)).toEqual(new Set([206]));

    await until('the event has come', () => Promise.resolve(receiver.requests.length === 1));
    await hands.press(page.getByRole('button', { name: /^Send again: call\.completed/ }));
    await page.getByText('2 attempts').waitFor();
    const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual([ids[0], ids[0]]);

    await hands.press(page.getByRole('link', { name: 'Guard and keys' }));
    await hands.choose(page.getByRole('tab', { name: 'API keys' }));
    await hands.press(page.getByRole('button', { name: 'Archive Order system' }));
    await hands.press(page.getByRole('button', { name: 'Archive the key' }));
    await page.getByText('Archived: Order system').waitFor();
    expect((await call(url, key)).status).toBe(401);
    expect([window.violations, window.foreignRequests, window.errors]).toEqual([[], [], []]);
  },
);
