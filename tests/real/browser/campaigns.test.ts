/** A list of contacts, from its file to the end of its calls. */
import { readFileSync } from 'node:fs';
import type { Campaign, Campaigns } from '@dograh-trigger/shared';
import { startScene, type BrowserWindow, type Scene } from './scene';

// The machine may be busy.
jest.setTimeout(120_000);

let scene: Scene;
let window: BrowserWindow;

beforeAll(async () => {
  scene = await startScene({ SANDBOX_STEP_MS: '300', DEFAULT_ORG_CONCURRENCY_LIMIT: '2' });
  window = await scene.openSignedIn({ timezoneId: 'Europe/Berlin' });
});
afterAll(() => scene.stop());
afterEach(() => {
  expect([window.errors, window.violations, window.foreignRequests]).toEqual([[], [], []]);
});

const contacts = [
  'phone_number,name',
  ...Array.from({ length: 8 }, (_, place) => `+1415555010${String(place)},Person ${String(place)}`),
  '+15005550011,Busy',
  'nobody,Wrong',
  '+14155550100,Again',
].join('\n');

async function campaigns(): Promise<Campaign[]> {
  return (await scene.api<Campaigns>('GET', '/campaign/')).campaigns;
}

test('a campaign is made of a CSV file: what is missing stands beside its field, and rows that are not called are listed with the reason', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/campaigns`);
  await page.getByText('No campaign yet').waitFor();
  await page.getByRole('link', { name: 'New campaign' }).click();
  await page.getByRole('button', { name: 'Create the campaign' }).click();
  for (const missing of ['Choose a file', 'Enter a name', 'Choose an agent'])
    await page.getByText(missing, { exact: true }).last().waitFor();

  const file = page.getByLabel('Choose a file', { exact: true }).last();
  await file.setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from('name\nAsha\n') });
  await page.getByRole('alert').getByText('phone_number').first().waitFor();
  await page
    .getByLabel('Choose another file', { exact: true })
    .last()
    .setInputFiles({
      name: 'list.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(contacts),
    });
  await page.getByText('list.csv: 9 contacts.').waitFor();
  await page.getByText('2 rows of the file are not called.').waitFor();
  const skipped = page.getByRole('table', { name: 'Rows that are not called' });
  await skipped.getByRole('row', { name: '11' }).getByText('wrong number').waitFor();
  await skipped.getByRole('row', { name: '12' }).getByText('repeated number').waitFor();

  await page.getByLabel('Name of the campaign').fill('Reminders in May');
  await page.getByLabel('Agent').selectOption({ label: 'Demo agent' });
  await page.getByLabel('Calls at once').fill('50');
  await page.getByLabel('the line was busy').uncheck();
  await page.getByRole('button', { name: 'Create the campaign' }).click();
  await page.getByText('max_concurrency (50) cannot exceed organization limit (2)').waitFor();
  expect(await campaigns()).toEqual([]);
  await page.getByLabel('Calls at once').fill('2');
  await page.getByRole('button', { name: 'Create the campaign' }).click();
  await page.getByRole('heading', { name: 'Reminders in May' }).waitFor();
  expect(await campaigns()).toMatchObject([{ state: 'created', total_rows: 9, max_concurrency: 2 }]);
});

test('it is started after a question, paused, resumed, and followed to its end without a reload', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/campaigns`);
  await page.getByRole('link', { name: 'Reminders in May' }).click();
  await page.getByText('It has called nobody yet.').waitFor();
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await dialog.getByText('9 contacts will be called').waitFor();
  await dialog.getByRole('button', { name: 'Keep it as it is' }).click();
  expect(await campaigns()).toMatchObject([{ state: 'created' }]);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await dialog.getByRole('button', { name: 'Pause' }).click();
  const progress = page.getByRole('region', { name: 'Progress' });
  await progress.getByText('paused').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await dialog.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('9 of 9 contacts done, 1 of them not reached').waitFor({ timeout: 60_000 });
  await progress.getByText('completed').waitFor();
  await page.getByRole('row', { name: '+15005550011' }).getByText('busy').first().waitFor();
});

test('its contacts are downloaded as they were uploaded, and those not reached become a campaign that is not started', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/campaigns/1`);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the contacts' }).click(),
  ]);
  expect(readFileSync(await file.path(), 'utf8')).toContain('+15005550011');
  await page.getByRole('button', { name: 'Call again those not reached' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Call again those not reached' }).click();
  await page.getByText('0 of 1 contact done').waitFor();
  await page.getByText('It calls again those whom').waitFor();
  expect(await campaigns()).toMatchObject([{ state: 'created', total_rows: 1 }, { state: 'completed' }]);
});
