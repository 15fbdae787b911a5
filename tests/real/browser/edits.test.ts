/** What somebody types in the editor is not lost, and what somebody else wrote is not overwritten. */
import type { Page } from 'playwright-core';
import { person, startScene, type Scene } from './scene';

// The machine may be busy.
jest.setTimeout(120_000);

let scene: Scene;

beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.stop());

const fieldOf = (page: Page) => page.getByLabel('What the agent says');

async function openGreeting(page: Page): Promise<void> {
  await page.goto(`${scene.baseUrl}/agents/1?view=greeting`);
  await fieldOf(page).waitFor();
}

/** Ends the session on the server, unnoticed by the page. */
async function endSession(page: Page): Promise<void> {
  const { request } = page.context();
  const headers = { 'Sec-Fetch-Site': 'same-origin' };
  const session = await request.get(`${scene.baseUrl}/api/v1/console/session`, { headers });
  const { csrf_token: token } = (await session.json()) as { csrf_token: string };
  const reply = await request.post(`${scene.baseUrl}/api/v1/auth/logout`, {
    headers: { ...headers, 'X-CSRF-Token': token },
  });
  expect(reply.status()).toBe(200);
}

/** The greeting of the draft, as the API returns it. */
async function savedGreeting(): Promise<unknown> {
  const agent = await scene.api<{ workflow_definition: { nodes: { data: { greeting?: string } }[] } }>(
    'GET',
    '/workflow/fetch/1',
  );
  return agent.workflow_definition.nodes[0]?.data.greeting;
}

test('after the session has ended in the middle of an edit, the text is still there, and is saved after signing in', async () => {
  const { page, close } = await scene.openSignedIn();
  await openGreeting(page);
  await fieldOf(page).fill('Good evening, this took long to write.');
  await endSession(page);

  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await dialog.waitFor();
  // A browser lets a page hold back only the first of several presses.
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('Escape');
  expect(await dialog.isVisible()).toBe(true);
  expect(await savedGreeting()).not.toBe('Good evening, this took long to write.');
  await dialog.getByLabel('Password').fill(person.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await fieldOf(page).inputValue()).toBe('Good evening, this took long to write.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Draft saved').waitFor();
  expect(await savedGreeting()).toBe('Good evening, this took long to write.');
  await close();
});

test('after another tab has signed out and in again, what this tab has typed is saved at once', async () => {
  const { page, close } = await scene.openSignedIn();
  await openGreeting(page);
  await fieldOf(page).fill('Good morning from the first tab.');
  const other = await page.context().newPage();
  await other.goto(`${scene.baseUrl}/account`);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await other.getByLabel('E-mail').fill(person.email);
  await other.getByLabel('Password').fill(person.password);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.getByRole('link', { name: 'Calls' }).waitFor();

  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Draft saved').waitFor();
  expect(await savedGreeting()).toBe('Good morning from the first tab.');
  await close();
});

test('of two browsers that edit one draft, the second to save is told so, and overwrites nothing until it decides to', async () => {
  const first = await scene.openSignedIn();
  const second = await scene.openSignedIn();
  await openGreeting(first.page);
  await openGreeting(second.page);
  await fieldOf(first.page).fill('The first greeting.');
  await fieldOf(second.page).fill('The second greeting.');
  await first.page.getByRole('button', { name: 'Save' }).click();
  await first.page.getByText('Draft saved').waitFor();

  await second.page.getByRole('button', { name: 'Save' }).click();
  const dialog = second.page.getByRole('dialog', { name: 'Somebody else has saved this agent meanwhile' });
  await dialog.getByText('The first greeting.').first().waitFor();
  await dialog.getByRole('button', { name: 'Decide later' }).click();
  expect(await fieldOf(second.page).inputValue()).toBe('The second greeting.');
  expect(await savedGreeting()).toBe('The first greeting.');

  await second.page.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('button', { name: /^Keep mine/ }).click();
  await second.page.getByRole('button', { name: 'Save' }).click();
  await second.page.getByText('Draft saved').waitFor();
  expect(await savedGreeting()).toBe('The second greeting.');
  await first.close();
  await second.close();
});

test('a draft that somebody else has saved while the question was open is not published, and the user is shown it', async () => {
  const first = await scene.openSignedIn();
  const second = await scene.openSignedIn();
  await openGreeting(first.page);
  await fieldOf(first.page).fill('The greeting to publish.');
  await first.page.getByRole('button', { name: 'Save' }).click();
  await first.page.getByText('Draft saved').waitFor();
  await first.page.getByRole('button', { name: 'Publish' }).click();
  const question = first.page.getByRole('dialog', { name: 'Publish the draft?' });
  await question.waitFor();
  await openGreeting(second.page);
  await fieldOf(second.page).fill('A greeting that is not ready.');
  await second.page.getByRole('button', { name: 'Save' }).click();
  await second.page.getByText('Draft saved').waitFor();

  await question.getByRole('button', { name: 'Publish' }).click();
  const conflict = first.page.getByRole('dialog', { name: 'Somebody else has saved this agent meanwhile' });
  await conflict.getByText('A greeting that is not ready.').first().waitFor();
  expect(await question.count()).toBe(0);
  const versions = await scene.api<{ status: string }[]>('GET', '/workflow/1/versions');
  expect(versions.map(({ status }) => status)).toEqual(['draft', 'published']);

  await conflict.getByRole('button', { name: /^Show theirs/ }).click();
  expect(await fieldOf(first.page).inputValue()).toBe('A greeting that is not ready.');
  await first.page.getByRole('button', { name: 'Publish' }).click();
  await question.getByRole('button', { name: 'Publish' }).click();
  await first.page.getByText('In production').waitFor();
  await first.close();
  await second.close();
});
