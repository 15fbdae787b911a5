/** More tabs of one browser than it opens connections to a server. */
import type { Page } from 'playwright-core';
import { startScene, type Scene } from './scene';
import { placeCall } from './screens';

// The machine may be busy.
jest.setTimeout(120_000);

/** A browser opens six connections to a server over HTTP/1.1. */
const tabCount = 8;

let scene: Scene;

beforeAll(async () => {
  scene = await startScene({ SANDBOX_STEP_MS: '50' });
});
afterAll(() => scene.stop());

/** All of them count as visible, as in windows beside one another. */
async function openTabs(first: Page): Promise<[Page, ...Page[]]> {
  const others: Page[] = [];
  while (others.length < tabCount - 1) others.push(await first.context().newPage());
  for (const page of [first, ...others]) {
    await page.goto(`${scene.baseUrl}/calls`);
    await page.getByRole('heading', { name: 'Calls', level: 1 }).waitFor();
  }
  return [first, ...others];
}

async function allShow(pages: readonly Page[], phoneNumber: string): Promise<void> {
  await Promise.all(pages.map((page) => page.getByRole('link', { name: phoneNumber }).waitFor()));
}

/** @returns how many streams of news all tabs of this browser have opened since. */
function countStreams(page: Page): () => number {
  let count = 0;
  page.context().on('request', (request) => {
    if (request.url().endsWith('/console/events')) count += 1;
  });
  return () => count;
}

test('eight tabs share one stream: all show a new call, each is answered, and another takes over the stream of a closed one', async () => {
  const { page, close, errors } = await scene.openSignedIn();
  const streams = countStreams(page);
  const [first, ...others] = await openTabs(page);
  await placeCall(scene, '+14155550181');
  await allShow([first, ...others], '+14155550181');
  expect(streams()).toBe(1);
  const answer = await others
    .at(-1)
    ?.evaluate('fetch("/api/v1/console/session").then(({ status }) => status)');
  expect(answer).toBe(200);

  await first.close();
  await placeCall(scene, '+14155550182');
  await allShow(others, '+14155550182');
  expect(streams()).toBe(2);
  expect(errors).toEqual([]);
  await close();
});

test('without locks, as on a page over plain http, eight tabs open no stream and still show a new call', async () => {
  const { page, close, errors } = await scene.openSignedIn();
  await page.context().addInitScript('delete Navigator.prototype.locks');
  const streams = countStreams(page);
  const pages = await openTabs(page);
  await placeCall(scene, '+14155550183');
  await allShow(pages, '+14155550183');
  expect(streams()).toBe(0);
  expect(errors).toEqual([]);
  await close();
});
