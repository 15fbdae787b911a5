/** Keys with limits, and a policy that two people change. */
import type {
  ApiKey,
  CreatedApiKey,
  DestinationPolicyInForce,
  RetentionSettings,
} from '@dograh-trigger/shared';
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

test('an archived agent is not offered for a key', async () => {
  const { page } = window;
  const { id } = await scene.api<{ id: number }>('POST', '/workflow/1/duplicate');
  await scene.api('PUT', `/workflow/${String(id)}`, { name: 'Old agent' });
  await scene.api('PUT', `/workflow/${String(id)}/status`, { status: 'archived' });
  await page.goto(`${scene.baseUrl}/guard/keys`);
  await page.getByRole('button', { name: 'Create a key' }).click();
  await page.getByLabel('Demo agent', { exact: true }).waitFor();
  expect(await page.getByLabel('Old agent').count()).toBe(0);
});

test('an archived key that has expired cannot be reactivated, and its row says why', async () => {
  const { page } = window;
  const soon = new Date(Date.now() + 2000).toISOString();
  const key = await scene.api<CreatedApiKey>('POST', '/user/api-keys', { name: 'Old', expires_at: soon });
  await scene.api('DELETE', `/user/api-keys/${String(key.id)}`);
  await page.goto(`${scene.baseUrl}/guard/keys`);
  await page.getByLabel('Show archived keys, too').check();
  const row = page.getByRole('row', { name: 'Old' });
  await row.getByText('Expired: create a new key instead').waitFor();
  expect(await row.getByRole('button').count()).toBe(0);
});

test('how long calls are kept is changed, after a question where something would be removed', async () => {
  const { page } = window;
  const saved = () => scene.api<RetentionSettings>('GET', '/organizations/retention');
  await page.goto(`${scene.baseUrl}/guard/privacy`);
  await page.getByText('Calls are kept for ever.').waitFor();
  await page.getByRole('button', { name: 'Change how long' }).click();
  const runs = page.getByLabel('Days to keep calls');
  await runs.fill('soon');
  await page.getByRole('button', { name: 'Save how long' }).click();
  await page.getByText('Nothing was saved. Correct the marked fields and try again.').waitFor();
  expect(await runs.getAttribute('aria-invalid')).toBe('true');

  await runs.fill('365');
  await page.getByRole('button', { name: 'Save how long' }).click();
  await page.getByRole('button', { name: 'Keep it as it is' }).click();
  expect(await saved()).toMatchObject({ runs_days: null });
  expect(await runs.inputValue()).toBe('365');

  await page.getByRole('button', { name: 'Save how long' }).click();
  await page.getByRole('button', { name: 'Save and remove what is older' }).click();
  await page.getByText('Calls are kept for 365 days.').waitFor();
  expect(await saved()).toMatchObject({ runs_days: 365, event_bodies_days: 30 });
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
