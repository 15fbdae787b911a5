/** The node in n8n's own editor: search in the panel, input, execution and output. It takes the README's pictures. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Campaigns } from '@dograh-trigger/shared';
import type { Page } from 'playwright-core';
import { openBrowser } from './browser';
import { startDograh, type Dograh } from './dograh';
import { owner, startN8n, type N8n } from './n8n';
import { isUsualN8n, testIf } from './version';

const testInEditor = testIf(
  isUsualN8n,
  'editor, because the editor of each version is operated in another way.',
);

/** `WRITE_PICTURES=1 npm run test:n8n` updates them. */
const pictures = join(__dirname, '../../../docs/n8n');

// The test has many steps, and may run on a busy machine.
jest.setTimeout(300_000);

let n8n: N8n;
let dograh: Dograh;
let browser: Awaited<ReturnType<typeof openBrowser>>;
let page: Page;
let folder: string;

beforeAll(async () => {
  n8n = await startN8n({ N8N_DISABLE_UI: 'false' });
  dograh = await startDograh();
  await n8n.createCredential('dograhApi', dograh.credential, 'Dograh account');
  browser = await openBrowser();
  page = browser.page;
  folder = process.env.WRITE_PICTURES ? pictures : mkdtempSync(join(tmpdir(), 'n8n-pictures-'));
  mkdirSync(folder, { recursive: true });
  await signIn();
}, 1_800_000);

afterAll(async () => {
  await browser.close();
  await dograh.stop();
  await n8n.stop();
  if (folder !== pictures) rmSync(folder, { recursive: true });
});

async function picture(name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

async function signIn(): Promise<void> {
  await page.goto(`${n8n.baseUrl}/signin`);
  await page.locator('input[name=emailOrLdapLoginId]').fill(owner.email);
  await page.locator('input[type=password]').fill(owner.password);
  await page.getByTestId('form-submit-button').click();
  await page.waitForURL(/\/home/);
}

/** Opens the node panel and searches it. */
async function search(words: string): Promise<void> {
  await page.getByTestId('node-creator-plus-button').click();
  await page.getByTestId('node-creator-search-bar').fill(words);
}

/** Types into a field and leaves it; only then the editor stores the value. */
async function enter(field: string, text: string): Promise<void> {
  const input = page.getByTestId(`parameter-input-${field}`).locator('input');
  await input.fill(text);
  await input.press('Tab');
}

/** Opens a new workflow and adds its first node by clicking these texts of the panel. */
async function startWith(...texts: (string | RegExp)[]): Promise<void> {
  await page.goto(`${n8n.baseUrl}/workflow/new`);
  await search('Dograh');
  const panel = page.getByTestId('node-creator');
  for (const text of texts) await panel.getByText(text, { exact: true }).first().click();
}

testInEditor(
  'the node is dragged from the panel into a new workflow, offers the agents and their variables, calls, and shows the call',
  async () => {
    await page.goto(`${n8n.baseUrl}/workflow/new`);
    await search('manual');
    const panel = page.getByTestId('node-creator');
    await panel.getByText('Trigger manually').first().click();
    await search('Dograh');
    await panel.getByText('Dograh', { exact: true }).first().click();
    await panel.getByText('Place call', { exact: true }).first().waitFor();
    await picture('panel');
    // A node with several actions is added by dragging one of them; a click on the node would only expand the list.
    const action = panel.getByText('Place call', { exact: true }).first();
    await action.dragTo(page.getByTestId('canvas-wrapper'), { targetPosition: { x: 500, y: 300 } });

    await page.getByTestId('rlc-input').first().click();
    await page.getByTestId('rlc-item').getByText('Appointment reminder').first().click();
    await enter('phoneNumber', '+1 (415) 555-0101');
    await enter('first_name', 'Jane');
    await enter('day', 'Monday');
    await page.getByTestId('node-execute-button').click();
    const output = page.getByTestId('output-panel');
    await output.getByText('WR-API-').first().waitFor();
    await picture('place-a-call');
    expect(await output.innerText()).toContain('+14155550101');
    expect(await dograh.dials()).toEqual({ '+14155550101': 1 });
    expect((await dograh.client.getRun(1)).initial_context).toMatchObject({
      first_name: 'Jane',
      day: 'Monday',
    });
  },
);

testInEditor('a campaign is made in the editor, and started from the list of campaigns', async () => {
  await startWith('Dograh', /^Actions/, 'Add contacts to new campaign');
  await enter('campaignName', 'Reminders');
  await page.getByTestId('rlc-input').first().click();
  await page.getByTestId('rlc-item').getByText('Appointment reminder').first().click();
  await enter('phoneNumber', '+1 (415) 555-0102');
  await enter('first_name', 'Bo');
  await enter('day', 'Friday');
  // The Tab key has opened the list of options.
  await page.getByText('Calling Hours', { exact: true }).click();
  await page.getByText('Add Hours', { exact: true }).click();
  await page.getByTestId('node-execute-button').click();
  const output = page.getByTestId('output-panel');
  await output.getByText('campaign_id').first().waitFor();
  await picture('campaign');
  const { campaigns } = (await dograh.api('GET', '/campaign/')) as Campaigns;
  const days = [0, 1, 2, 3, 4].map((day_of_week) => ({ day_of_week }));
  expect(campaigns).toMatchObject([
    { name: 'Reminders', state: 'created', total_rows: 1, schedule_config: { slots: days } },
  ]);

  await startWith('Dograh', /^Actions/, 'Start campaign');
  await page.getByTestId('rlc-input').first().click();
  await page.getByTestId('rlc-item').getByText('Reminders (created)').first().click();
  await page.getByTestId('node-execute-button').click();
  await output.getByText('changed').first().waitFor();
  expect(await output.innerText()).toContain('running');
});

testInEditor('each trigger shows its own fields: only the one that polls has Poll Times', async () => {
  // n8n offers each choice of the field Events as an action.
  await startWith('Dograh', /^on call completed$/i);
  await page.getByText('Webhook URLs').first().waitFor();
  await picture('trigger');
  const fields = page.getByTestId('node-parameters');
  expect(await fields.innerText()).not.toContain('Poll Times');

  await startWith('Dograh Polling Trigger', 'Add to workflow');
  await page.getByText('Poll Times').first().waitFor();
  await picture('polling-trigger');
  expect(await fields.innerText()).not.toContain('Webhook URLs');
});
