/** What holds on every screen and in its main dialogs. */
import { readFileSync } from 'node:fs';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { startLocalServer, type LocalServer } from '../../support/local-server';
import { until } from '../until';
import { startScene, type BrowserWindow, type Scene } from './scene';
import { fill, placeLongCall, screensWith, strangersScreens, type Screen } from './screens';

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

/** @returns the windows that showed them, closed. @param check is called on each. */
async function onEveryScreen(
  options: BrowserContextOptions,
  check: (page: Page, name: string) => Promise<void> = () => Promise.resolve(),
): Promise<BrowserWindow[]> {
  const ofThisServer = { baseURL: scene.baseUrl, ...options };
  const stranger = await scene.open(ofThisServer);
  const member = await scene.openSignedIn(ofThisServer);
  for (const [window, shown] of [
    [stranger, strangersScreens],
    [member, screens],
  ] as const) {
    for (const screen of shown) {
      await screen.show(window.page);
      await check(window.page, screen.name);
    }
    await window.close();
  }
  return [stranger, member];
}

test('no screen violates the content security policy, fails in the browser, or asks another server', async () => {
  for (const { violations, foreignRequests, errors } of await onEveryScreen({})) {
    expect([violations, foreignRequests, errors]).toEqual([[], [], []]);
  }
  expect(await scene.reportedViolations()).toBe(0);
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
  // The page notes them by events of its own, which may come after the reports to the server.
  await until('the browser has noted both', () => Promise.resolve(window.violations.length >= 2));
  expect(window.violations).toEqual(['script-src-elem inline', 'style-src-elem inline']);
  expect(await window.page.evaluate('globalThis.isInjected ?? false')).toBe(false);
  await window.close();
});

test('no screen and no dialog scrolls sideways on a display that is 360 px wide', async () => {
  const tooWide: string[] = [];
  await onEveryScreen({ viewport: { width: 360, height: 740 } }, async (page, name) => {
    const isTooWide = await page.evaluate<boolean>(
      `[document.documentElement, ...document.querySelectorAll('dialog')].some((part) => part.scrollWidth > part.clientWidth)`,
    );
    if (isTooWide) tooWide.push(name);
  });
  expect(tooWide).toEqual([]);
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
  const findings: string[] = [];
  // Colours that change slowly would be measured in between.
  await onEveryScreen({ reducedMotion: 'reduce' }, async (page, name) => {
    await page.evaluate(axe);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const found of await findingsOf(page)) findings.push(`${name}, ${colorScheme}: ${found}`);
    }
  });
  expect(findings).toEqual([]);
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
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.goto(`${scene.baseUrl}/calls`);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
  await close();
});
