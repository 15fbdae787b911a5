/** The three pictures of the README. `WRITE_PICTURES=1 npm run test:browser` renews them. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startLocalServer, type LocalServer } from '../../support/local-server';
import { makeClinic, type PictureData } from './picture-data';
import { startScene, type BrowserWindow, type Scene } from './scene';

const pictures = join(__dirname, '../../../docs/console');

// The machine may be busy.
jest.setTimeout(180_000);

let folder: string;
let receiver: LocalServer;
let scene: Scene;
let data: PictureData;
let window: BrowserWindow;
let page: Page;

beforeAll(async () => {
  folder = process.env.WRITE_PICTURES ? pictures : mkdtempSync(join(tmpdir(), 'console-pictures-'));
  mkdirSync(folder, { recursive: true });
  receiver = await startLocalServer((_request, response) => response.writeHead(204).end());
  scene = await startScene({ SANDBOX_STEP_MS: '4000', DEFAULT_ORG_CONCURRENCY_LIMIT: '100' });
  data = await makeClinic(scene, `${receiver.url}/calls`, new Date());
  window = await scene.openSignedIn({ baseURL: scene.baseUrl, colorScheme: 'light', timezoneId: 'UTC' });
  page = window.page;
});
afterAll(async () => {
  await scene.stop();
  await receiver.close();
  if (folder !== pictures) rmSync(folder, { recursive: true });
});

async function picture(name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

test('the list shows calls of several callers and outcomes, one of them under way', async () => {
  await page.goto('/calls');
  for (const text of [
    /^. ringing/,
    '✓ completed',
    '! busy',
    '! no answer',
    'n8n',
    'Zapier',
    'Booking system',
  ]) {
    await page.getByRole('table').getByText(text).first().waitFor();
  }
  await picture('calls');
});

test('the trigger’s dialog shows its production URL above the canvas', async () => {
  await page.goto(`/agents/${String(data.agentId)}?view=canvas`);
  await page.getByRole('button', { name: /^API Trigger/ }).click();
  await page.getByRole('tab', { name: 'Production URL' }).click();
  await page
    .getByRole('dialog')
    .getByText(/\/api\/v1\/public\/agent\/[0-9a-f-]{36}$/)
    .first()
    .waitFor();
  await picture('agent');
});

test('a call shows its steps, what was said and its recording', async () => {
  await page.goto(`/calls/${String(data.runId)}`);
  await page.getByText('Good morning Jane Miller').first().waitFor();
  await page.getByLabel('Recording').waitFor();
  await picture('call');
});
