/** The calls that the console itself places, with the trigger client. */
import type { Page } from 'playwright-core';
import type { Run } from '@dograh-trigger/shared';
import { until } from '../until';
import { person, startScene, type BrowserWindow, type Scene } from './scene';
import { placeCall } from './screens';

// The machine may be busy.
jest.setTimeout(120_000);

let scene: Scene;
let window: BrowserWindow;

beforeAll(async () => {
  scene = await startScene({ SANDBOX_STEP_MS: '50' });
  window = await scene.openSignedIn();
});
afterAll(() => scene.stop());
afterEach(() => {
  expect([window.errors, window.violations]).toEqual([[], []]);
});

async function countCalls(): Promise<number> {
  const { total_count: count } = await scene.api<{ total_count: number }>('GET', '/organizations/usage/runs');
  return count;
}

async function openTrigger(page: Page): Promise<void> {
  await page.goto(`${scene.baseUrl}/agents/1?view=canvas`);
  await page.getByRole('button', { name: /^API Trigger/ }).click();
}

test('the sandbox is called from the trigger’s dialog, which follows the call to its end', async () => {
  const { page } = window;
  const before = await countCalls();
  await openTrigger(page);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Call the sandbox' }).click();
  await dialog.getByText('completed').waitFor();
  expect(await countCalls()).toBe(before + 1);
});

test('a call whose answer is lost on its way is placed once, and its answer comes by a second request with the same key', async () => {
  const { page } = window;
  const before = await countCalls();
  const keys: (string | undefined)[] = [];
  await page.route('**/api/v1/public/agent/**', async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    const response = await route.fetch();
    if (keys.length === 1) await route.abort('connectionreset');
    else await route.fulfill({ response });
  });
  await openTrigger(page);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Call the sandbox' }).click();
  await dialog.getByText('completed').waitFor();
  await page.unroute('**/api/v1/public/agent/**');
  expect(keys).toEqual([expect.stringMatching(/^console-[0-9a-f]{32}$/), keys[0]]);
  expect(await countCalls()).toBe(before + 1);
});

test('a call is placed again from its page', async () => {
  const { page } = window;
  const [newest] = (await scene.api<{ runs: { id: number }[] }>('GET', '/organizations/usage/runs')).runs;
  await page.goto(`${scene.baseUrl}/calls/${String(newest?.id)}`);
  await page.getByText('1, in production').waitFor();
  await page.getByRole('button', { name: 'Call again', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('The sandbox rings no phone. +14155550100 is called by Demo agent').waitFor();
  await dialog.getByRole('button', { name: 'Call again' }).click();
  await page.getByRole('heading', { name: `Call ${String((newest?.id ?? 0) + 1)}` }).waitFor();
});

test('a test call of an account refuses a number that no carrier dials beside its field, and dials a right one', async () => {
  const { page } = window;
  const before = await countCalls();
  await page.goto(`${scene.baseUrl}/telephony/1`);
  await page.getByRole('button', { name: /^Test call/ }).click();
  const number = page.getByLabel('Your phone number');
  await number.fill('0171 234');
  await page.getByRole('button', { name: 'Call this number now' }).click();
  await page.locator('input[type="tel"][aria-invalid="true"]').waitFor();
  expect(await countCalls()).toBe(before);
  await number.fill('+14155550100');
  await page.getByRole('button', { name: 'Call this number now' }).click();
  await page.getByRole('link', { name: 'Open the call' }).waitFor();
  expect(await countCalls()).toBe(before + 1);
});

test('a call is erased from its page and shown so, and all calls to a number on the screen of the guard', async () => {
  const { page } = window;
  const placed = [await placeCall(scene, '+14155550177'), await placeCall(scene, '+14155550177')];
  const run = (id: number | undefined) => scene.api<Run>('GET', `/workflow/0/runs/${String(id)}`);
  await until('both have ended', async () =>
    (await Promise.all(placed.map(run))).every(({ is_completed: hasEnded }) => hasEnded),
  );
  await page.goto(`${scene.baseUrl}/calls/${String(placed[0])}`);
  await page.getByRole('button', { name: 'Erase' }).click();
  await page.getByRole('button', { name: 'Erase the call' }).click();
  await page.getByText('Everything about the person called was removed').waitFor();
  await page.getByText('erased', { exact: true }).waitFor();
  expect(await page.getByRole('heading', { name: 'Conversation' }).count()).toBe(0);
  await page.goto(`${scene.baseUrl}/calls`);
  const again = (id: number | undefined) =>
    page.getByRole('button', { name: `Call again: call ${String(id)}`, exact: true }).count();
  await page.getByRole('link', { name: `call ${String(placed[0])}, erased` }).waitFor();
  expect([await again(placed[0]), await again(placed[1])]).toEqual([0, 1]);
  expect(JSON.stringify(await run(placed[0]))).not.toContain('4155550177');
  expect(JSON.stringify(await run(placed[1]))).toContain('4155550177');

  await page.goto(`${scene.baseUrl}/guard/privacy`);
  await page.getByLabel('Phone number').fill('+14155550177');
  await page.getByRole('button', { name: 'Erase its calls' }).click();
  await page.getByRole('button', { name: 'Erase the calls', exact: true }).click();
  await page.getByText('1 call was erased').waitFor();
  expect(JSON.stringify(await run(placed[1]))).not.toContain('4155550177');
  await page.goto(`${scene.baseUrl}/guard/changes`);
  await page
    .getByText(/^Run \d+ erased$/)
    .first()
    .waitFor();
  await page.getByText(person.email).first().waitFor();
});
