/** An account at a Dograh in the console: its state, the address for webhook nodes, its agents and its numbers. */
import type { Agent, TelephonyConfiguration } from '@dograh-trigger/shared';
import {
  dograhAgent,
  dograhNumber,
  dograhSettings,
  startDograh,
  type LoopbackDograh,
} from '../../support/vendors/dograh';
import { freeTcpPort } from '../../support/free-port';
import { startScene, type BrowserWindow, type Scene } from './scene';

jest.setTimeout(180_000);

let dograh: LoopbackDograh;
let scene: Scene;
let window: BrowserWindow;
let account: TelephonyConfiguration;

beforeAll(async () => {
  dograh = await startDograh();
  const port = String(await freeTcpPort());
  scene = await startScene({ PORT: port, PUBLIC_BASE_URL: `http://127.0.0.1:${port}` });
  dograh.state.agents.push({ id: 5, name: 'Survey', workflow_uuid: 'c0ffee00-1111-4222-8333-444455556666' });
  account = await scene.api('POST', '/organizations/telephony-configs', {
    name: 'Our Dograh',
    config: { provider: 'dograh', ...dograhSettings(dograh) },
  });
  window = await scene.openSignedIn();
});
afterAll(async () => {
  await scene.stop();
  await dograh.close();
});

/** For a person who reviews the screens. */
async function picture(name: string): Promise<void> {
  const folder = process.env.PICTURES;
  if (folder !== undefined) await window.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

test('the page of the account shows that it is ready, and copies the address for a webhook node', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/telephony/${String(account.id)}`);
  await page.getByText('Ready for calls').waitFor();
  await page.getByRole('button', { name: 'Copy: the webhook address' }).click();
  await page.getByRole('button', { name: 'Copied: the webhook address' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(account.webhook_url);
  await picture('dograh-account');
});

test('a number of Dograh is added by choosing it', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/telephony/${String(account.id)}`);
  await page.getByRole('button', { name: 'Add a number' }).click();
  await page.getByLabel('Numbers there').selectOption(dograhNumber.address);
  await picture('dograh-number');
  await page.getByRole('button', { name: 'Add the number' }).click();
  await page.getByRole('cell', { name: dograhNumber.address, exact: true }).waitFor();
  await page.getByRole('button', { name: 'Test call' }).click();
  const callerIds = page.getByLabel('Caller ID').getByRole('option');
  expect(await callerIds.allTextContents()).toContain(dograhNumber.address);
});

test('the agent that holds the calls is chosen from a list', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/agents/1?view=settings`);
  await page.getByLabel('An answered call gets').selectOption('dograh');
  await page.getByLabel('Account at Dograh').selectOption(String(account.id));
  await page.getByLabel('Its agent').selectOption(`workflow/${dograhAgent}`);
  await page.getByLabel('Telephony at Dograh').selectOption(String(dograhNumber.accountId));
  await picture('dograh-agent');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Draft saved').waitFor();
  const { workflow_configurations: settings } = await scene.api<Agent>('GET', '/workflow/fetch/1');
  expect(settings?.answer).toEqual({
    mode: 'dograh',
    agent: `workflow/${dograhAgent}`,
    account_id: account.id,
    telephony_configuration_id: dograhNumber.accountId,
  });
});

test('nothing was blocked, nothing left the server, and no error went uncaught', () => {
  const { violations, foreignRequests, errors } = window;
  expect({ violations, foreignRequests, errors }).toEqual({
    violations: [],
    foreignRequests: [],
    errors: [],
  });
});
