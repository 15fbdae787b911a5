/** Calls that wait: why and until when, and what can be done with them. */
import type { Run } from '@dograh-trigger/shared';
import { keyboard } from './hands';
import { startScene, type BrowserWindow, type Scene } from './scene';
import { inDays, placeCall, placeLongCall } from './screens';

// The machine may be busy.
jest.setTimeout(120_000);

let scene: Scene;
let window: BrowserWindow;

beforeAll(async () => {
  scene = await startScene({ SANDBOX_STEP_MS: '100', DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
  window = await scene.openSignedIn({ timezoneId: 'Asia/Tokyo' });
});
afterAll(() => scene.stop());
afterEach(() => {
  expect([window.errors, window.violations]).toEqual([[], []]);
});

const read = (runId: number) => scene.api<Run>('GET', `/workflow/0/runs/${String(runId)}`);

test('a call that waits is shown with its reason and its due time, and is changed and canceled from its page by the keyboard alone', async () => {
  const { page } = window;
  const day = inDays(2).slice(0, 10);
  const runId = await placeCall(scene, '+14155550110', {}, { not_before: `${day}T00:30:00Z` });
  await page.goto(`${scene.baseUrl}/calls`);
  const row = page.getByRole('row', { name: '+14155550110' });
  await row.getByText(/^Waits until \w{3} \d{1,2}, (\d{4}, )?9:30\sAM\.$/).waitFor();

  const hands = keyboard(page);
  await hands.press(row.getByRole('link', { name: '+14155550110' }));
  await page.getByText(/^Waits until \w{3} \d{1,2}, (\d{4}, )?9:30\sAM in Asia\/Tokyo\.$/).waitFor();
  await hands.press(page.getByRole('button', { name: 'Change', exact: true }));
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByLabel('Not before').inputValue()).toBe(`${day}T09:30`);
  await hands.write(dialog.getByLabel('Reference'), 'order-7823');
  const zone = dialog.getByLabel('Time zone of the person called');
  await hands.write(zone, 'Mars/Olympus');
  await hands.press(dialog.getByRole('button', { name: 'Save the change' }));
  await zone.and(page.locator('[aria-invalid="true"]')).waitFor();
  expect(await read(runId)).toMatchObject({ reference: null });
  await hands.write(zone, 'Europe/Berlin');
  await hands.press(dialog.getByRole('button', { name: 'Save the change' }));
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('order-7823', { exact: true }).first().waitFor();
  expect(await read(runId)).toMatchObject({ reference: 'order-7823', due_at: `${day}T00:30:00.000Z` });

  await hands.press(page.getByRole('button', { name: 'Cancel the call' }));
  await hands.press(dialog.getByRole('button', { name: 'Cancel the call' }));
  await page.getByText(`Call ${String(runId)} is canceled. Nobody will be called.`).waitFor();
  await page.getByText('Ended: canceled').waitFor();
  expect(await read(runId)).toMatchObject({ status: 'canceled', reason: 'canceled' });
});

test('the list follows calls that wait for a free line: one expires, and one is placed and ends', async () => {
  const { page } = window;
  await page.goto(`${scene.baseUrl}/calls`);
  await placeLongCall(scene);
  await placeCall(scene, '+14155550111', {}, { when_busy: 'wait' });
  await placeCall(scene, '+14155550112', {}, { when_busy: 'wait', not_after: inDays(3 / 86_400) });
  const placed = page.getByRole('row', { name: '+14155550111' });
  const expired = page.getByRole('row', { name: '+14155550112' });
  await placed.getByText('Waits for a free line.').waitFor();
  await expired.getByText('expired').waitFor();
  await expired.getByText('The call was not placed in its time.').waitFor();
  await placed.getByText('completed').waitFor();
});

test('a call is placed again at a time of the reader’s own clock, with its reference', async () => {
  const { page } = window;
  const day = inDays(2).slice(0, 10);
  const first = await placeCall(scene, '+14155550114', {}, { when_busy: 'wait', reference: 'order-7824' });
  await page.goto(`${scene.baseUrl}/calls/${String(first)}`);
  await page.getByText(/^Ended: completed/).waitFor();
  await page.getByRole('button', { name: 'Call again', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Not before (optional)').fill(`${day}T09:30`);
  await dialog.getByRole('button', { name: 'Call again' }).click();
  await page.getByRole('heading', { name: `Call ${String(first + 1)}` }).waitFor();
  await page.getByText(/^Waits until .* in Asia\/Tokyo\.$/).waitFor();
  expect(await read(first + 1)).toMatchObject({ reference: 'order-7824', due_at: `${day}T00:30:00.000Z` });
});

test('a number goes onto the do-not-call list from a call’s page, and the call, which waits, ends at once', async () => {
  const { page } = window;
  const runId = await placeCall(scene, '+14155550113', {}, { not_before: inDays(1) });
  await page.goto(`${scene.baseUrl}/calls/${String(runId)}`);
  await page.getByRole('button', { name: 'Never call again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Never call again' }).click();
  await page.getByText('+14155550113 is on the do-not-call list.').waitFor();
  await page.getByText('The number must not be called.').first().waitFor();
  expect(await read(runId)).toMatchObject({ status: 'canceled', reason: 'do_not_call' });
});

test('with the archiving of a key, the calls that it has queued are canceled', async () => {
  const { page } = window;
  const { api_key: key } = await scene.api<{ api_key: string }>('POST', '/user/api-keys', { name: 'Leaked' });
  const [agent] = await scene.api<{ workflow_uuid: string }[]>('GET', '/workflow/fetch');
  const reply = await fetch(`${scene.baseUrl}/api/v1/public/agent/workflow/${agent?.workflow_uuid ?? ''}`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ phone_number: '+14155550115', not_before: inDays(1) }),
  });
  const { workflow_run_id: queued } = (await reply.json()) as { workflow_run_id: number };
  const kept = await placeCall(scene, '+14155550116', {}, { not_before: inDays(1) });
  await page.goto(`${scene.baseUrl}/guard/keys`);
  const hands = keyboard(page);
  await hands.press(page.getByRole('button', { name: 'Archive Leaked' }));
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Cancel the calls that it has queued, too').check();
  await hands.press(dialog.getByRole('button', { name: 'Archive the key' }));
  await page.getByText('Archived: Leaked. Canceled calls: 1').waitFor();
  expect([(await read(queued)).status, (await read(kept)).status]).toEqual(['canceled', 'queued']);
});
