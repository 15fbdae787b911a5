/** What holds on every screen and in its main dialogs. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { startLocalServer, type LocalServer } from '../../support/local-server';
import { until } from '../until';
import { startScene, type Scene } from './scene';
import { fill, placeLongCall, screensWith, type Screen } from './screens';

// Some thirty screens, and the machine may be busy.
jest.setTimeout(600_000);

let scene: Scene;
let receiver: LocalServer;
let screens: Screen[];

beforeAll(async () => {
  receiver = await startLocalServer((_request, response) => response.writeHead(204).end());
  scene = await startScene({ SANDBOX_STEP_MS: '3000' });
  screens = screensWith(await fill(scene, receiver.url));
});
// It goes on while its screens are shown.
beforeEach(() => placeLongCall(scene));
afterAll(async () => {
  await scene.stop();
  await receiver.close();
});

test('no screen violates the content security policy, fails in the browser, or asks another server', async () => {
  const stranger = await scene.open();
  await stranger.page.goto(scene.baseUrl);
  await stranger.page.getByLabel('Password').waitFor();
  const window = await scene.openSignedIn({ baseURL: scene.baseUrl });
  for (const screen of screens) await screen.show(window.page);
  for (const { violations, foreignRequests, errors } of [stranger, window]) {
    expect([violations, foreignRequests, errors]).toEqual([[], [], []]);
  }
  expect(await scene.reportedViolations()).toBe(0);
  await stranger.close();
  await window.close();
});

test('a script and a style inside the page are blocked, noted by the browser and counted by the server', async () => {
  const window = await scene.open();
  const before = await scene.reportedViolations();
  await window.page.goto(scene.baseUrl);
  await window.page.getByLabel('Password').waitFor();
  await window.page.evaluate(`for (const name of ['script', 'style']) {
    const element = document.createElement(name);
    element.textContent = name === 'script' ? 'globalThis.isInjected = true' : 'body { display: none }';
    document.head.append(element);
  }`);
  await until('the server has counted both', async () => (await scene.reportedViolations()) === before + 2);
  expect(window.violations).toEqual(['script-src-elem inline', 'style-src-elem inline']);
  expect(await window.page.evaluate('globalThis.isInjected ?? false')).toBe(false);
  await window.close();
});

test('no screen and no dialog scrolls sideways on a display that is 360 px wide', async () => {
  const window = await scene.openSignedIn({ baseURL: scene.baseUrl, viewport: { width: 360, height: 740 } });
  const tooWide: string[] = [];
  for (const screen of screens) {
    await screen.show(window.page);
    const isTooWide = await window.page.evaluate<boolean>(
      `[document.documentElement, ...document.querySelectorAll('dialog')].some((part) => part.scrollWidth > part.clientWidth)`,
    );
    if (isTooWide) tooWide.push(screen.name);
  }
  expect(tooWide).toEqual([]);
  await window.close();
});

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe finds serious or critical, in a line each. */
async function findingsOf(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<{ violations: Finding[] }>(
    `axe.run(document, { resultTypes: ['violations'] })`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

test('axe finds nothing serious on any screen, light or dark', async () => {
  // Colours that change slowly are measured in between.
  const window = await scene.openSignedIn({ baseURL: scene.baseUrl, reducedMotion: 'reduce' });
  const { page } = window;
  const findings: string[] = [];
  for (const screen of screens) {
    await screen.show(page);
    await page.evaluate(axe);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const found of await findingsOf(page)) findings.push(`${screen.name}, ${colorScheme}: ${found}`);
    }
  }
  expect(findings).toEqual([]);
  await window.close();
});

test('news of an open dialog is announced inside it, and shown in front of all else', async () => {
  const { page, close } = await scene.openSignedIn();
  await page.goto(`${scene.baseUrl}/agents/1?view=canvas`);
  await page.getByRole('button', { name: /^API Trigger/ }).click();
  await page.getByRole('button', { name: 'Copy: the test URL' }).click();
  const news = page.getByRole('dialog').getByRole('status').getByText('Copied: the test URL');
  await news.waitFor();
  const { x, y } = (await news.boundingBox()) ?? { x: 0, y: 0 };
  expect(
    await page.evaluate(`document.elementFromPoint(${String(x + 5)}, ${String(y + 5)}).textContent`),
  ).toBe('Copied: the test URL');
  await close();
});

test('signing out leads to the sign-in, and a reload shows nothing of before', async () => {
  const { page, close } = await scene.openSignedIn();
  await page.goto(`${scene.baseUrl}/account`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Password').waitFor();
  await page.goto(`${scene.baseUrl}/calls`);
  await page.getByLabel('Password').waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
  await close();
});
