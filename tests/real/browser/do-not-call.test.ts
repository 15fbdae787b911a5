/** The do-not-call list on the screen of the guard. */
import { readFileSync } from 'node:fs';
import type { DoNotCallPage } from '@dograh-trigger/shared';
import { startScene, type BrowserWindow, type Scene } from './scene';
import { placeCall } from './screens';

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

async function listed(): Promise<DoNotCallPage['entries']> {
  return (await scene.api<DoNotCallPage>('GET', '/organizations/do-not-call')).entries;
}

test('a number is added for good or until a moment, and what is wrong stands beside its field', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/guard/do-not-call`);
  await page.getByText('No number is on the list').waitFor();
  await page.getByRole('button', { name: 'Add a number' }).click();
  const dialog = page.getByRole('dialog');
  const number = dialog.getByLabel('Number');
  await dialog.getByRole('button', { name: 'Add the number' }).click();
  await dialog.getByText('Enter a number').waitFor();
  await number.fill('0171 234');
  await dialog.getByLabel('Until (optional)').fill('2020-01-01T09:00');
  await dialog.getByRole('button', { name: 'Add the number' }).click();
  await page.locator('input[type="tel"][aria-invalid="true"]').waitFor();
  await number.fill('+1 415 555 0177');
  await dialog.getByRole('button', { name: 'Add the number' }).click();
  await dialog.getByText('This instant has passed.').waitFor();
  expect(await listed()).toEqual([]);
  await dialog.getByLabel('Until (optional)').fill('2099-01-01T09:00');
  await dialog.getByLabel('Reason (optional)').fill('Asked by e-mail');
  await dialog.getByRole('button', { name: 'Add the number' }).click();
  await dialog.waitFor({ state: 'detached' });
  const row = page.getByRole('row', { name: '+14155550177' });
  await row.getByText('Not called').waitFor();
  await row.getByText('Jan 1, 2099, 9:00:00').waitFor();
  expect(await listed()).toMatchObject([
    { number: '+14155550177', source: 'user', reason: 'Asked by e-mail', until: '2099-01-01T08:00:00.000Z' },
  ]);
});

test('the list is searched by the first digits, and its pages follow one another', async () => {
  const { page } = window;
  const add = (number: string) =>
    scene.api('PUT', `/organizations/do-not-call/${encodeURIComponent(number)}`, {});
  for (let last = 100; last < 155; last += 1) await add(`+1415555${String(last).padStart(4, '0')}`);
  await add('+493012345678');
  await page.goto(`${scene.baseUrl}/guard/do-not-call`);
  const rows = page.getByRole('table', { name: 'Do not call' }).getByRole('row');
  await rows.filter({ hasText: '+14155550149' }).waitFor();
  expect(await rows.filter({ hasText: '+14155550154' }).count()).toBe(0);
  await page.getByRole('button', { name: 'More numbers' }).click();
  await rows.filter({ hasText: '+493012345678' }).waitFor();

  const search = page.getByLabel('Numbers that begin with');
  await search.fill('49 30');
  await search.press('Enter');
  await rows.filter({ hasText: '+14155550100' }).waitFor({ state: 'detached' });
  expect(await rows.count()).toBe(2);
  await search.fill('abc');
  await search.press('Enter');
  await page.getByText('Write the first digits of the number').waitFor();
});

test('a number is removed after a question, and may be called again', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/guard/do-not-call`);
  await expect(placeCall(scene, '+14155550100')).rejects.toThrow('do_not_call');
  await page.getByRole('button', { name: 'Remove +14155550100' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Keep it as it is' }).click();
  await expect(placeCall(scene, '+14155550100')).rejects.toThrow('do_not_call');
  await page.getByRole('button', { name: 'Remove +14155550100' }).click();
  await dialog.getByRole('button', { name: 'Remove the number' }).click();
  await page.getByText('+14155550100 may be called again.').waitFor();
  await page.getByRole('row', { name: '+14155550100' }).waitFor({ state: 'detached' });
  expect(await placeCall(scene, '+14155550100')).toBeGreaterThan(0);
});

test('the numbers of a file are added, what was skipped is listed with its line, and the list is downloaded', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/guard/do-not-call`);
  await page.getByText('More numbers').waitFor();
  await page
    .getByLabel('Add the numbers of a file', { exact: true })
    .last()
    .setInputFiles({
      name: 'list.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('number;reason\n+1 202 555 0100;moved\nnobody;\n'),
    });
  await page.getByText('1 number was added. 1 row was not added.').waitFor();
  const skipped = page.getByRole('table', { name: 'Rows that were not added' });
  await skipped.getByRole('row', { name: '3' }).waitFor();
  await page.getByRole('row', { name: '+12025550100' }).getByText('moved').waitFor();

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the list as CSV' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('do-not-call.csv');
  expect(readFileSync(await file.path(), 'utf8')).toContain('+12025550100');
});
