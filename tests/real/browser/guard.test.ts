/** Keys with limits, and a policy that two people change. */
import type { ApiKey, DestinationPolicyInForce } from '@dograh-trigger/shared';
import type { Locator } from 'playwright-core';
import { startScene, type BrowserWindow, type Scene } from './scene';

// The machine may be busy.
jest.setTimeout(120_000);

let scene: Scene;
let window: BrowserWindow;

beforeAll(async () => {
  scene = await startScene();
  window = await scene.openSignedIn({ timezoneId: 'Europe/Berlin' });
});
afterAll(() => scene.stop());
afterEach(() => {
  expect([window.errors, window.violations]).toEqual([[], []]);
});

async function blockedPrefixes(): Promise<string[]> {
  const policy = await scene.api<DestinationPolicyInForce>('GET', '/organizations/destination-policy');
  return policy.blocked_prefixes;
}

test('a key is limited to placing calls with one agent and to a last day, and the list says so', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/guard/keys`);
  await page.getByRole('button', { name: 'Create a key' }).click();
  await page.getByLabel('Name').fill('Order system');
  await page.getByLabel('Demo agent').check();
  await page.getByLabel('Works until the end of').fill('2020-12-31');
  await page.getByRole('button', { name: 'Create the key' }).click();
  await page.getByText('Input should be a time to come').waitFor();
  await page.getByLabel('Works until the end of').fill('2099-12-31');
  await page.getByRole('button', { name: 'Create the key' }).click();
  await page.getByRole('button', { name: 'I have copied the key' }).click();

  const row = page.getByRole('row', { name: 'Order system' });
  await row.getByText('Place calls: Demo agent').waitFor();
  await row.getByText('Jan 1, 2100, 12:00:00').waitFor();
  const keys = await scene.api<ApiKey[]>('GET', '/user/api-keys');
  expect(keys.find(({ name }) => name === 'Order system')).toMatchObject({
    scope: 'trigger',
    agents: [1],
    expires_at: '2099-12-31T23:00:00.000Z',
  });
});

async function openPolicyForm({ page }: BrowserWindow): Promise<Locator> {
  await page.goto(`${scene.baseUrl}/guard/policy`);
  await page.getByRole('button', { name: 'Change the policy' }).click();
  return page.getByLabel('Numbers that begin so are never called');
}

test('a policy that somebody else has changed meanwhile is not overwritten until the user, who keeps what was typed, saves again', async () => {
  const other = await scene.openSignedIn();
  const mine = await openPolicyForm(window);
  const theirs = await openPolicyForm(other);
  await mine.fill('+141555501');
  await theirs.fill('+141555502');
  await other.page.getByRole('button', { name: 'Save the policy' }).click();
  await other.page.getByText('Policy saved.').waitFor();
  await other.close();

  const { page } = window;
  await page.getByRole('button', { name: 'Save the policy' }).click();
  await page.getByText('Nothing was saved: somebody has changed the policy meanwhile.').waitFor();
  await page.getByRole('listitem').filter({ hasText: '+141555502' }).waitFor();
  expect(await mine.inputValue()).toBe('+141555501');
  expect(await blockedPrefixes()).toEqual(['+141555502']);

  await page.getByRole('button', { name: 'Save the policy' }).click();
  await page.getByText('Policy saved.').waitFor();
  expect(await blockedPrefixes()).toEqual(['+141555501']);
});
