/** Who is signed in: by a link, after a forgotten password, and in all tabs of one browser. */
import type { Page } from 'playwright-core';
import { person, startScene, type Scene } from './scene';

// The machine may be busy.
jest.setTimeout(120_000);

let scene: Scene;

beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.stop());

const stranger = { email: 'sam.lee@example.com', password: 'a horse of another colour' };

const signInButton = (page: Page) => page.getByRole('button', { name: 'Sign in' });

test('signing out hides every other tab at once, and signing in again brings back what was typed there', async () => {
  const { page, close } = await scene.openSignedIn();
  await page.goto(`${scene.baseUrl}/agents/1?view=greeting`);
  await page.getByLabel('What the agent says').fill('Only for my eyes.');
  const other = await page.context().newPage();
  await other.goto(`${scene.baseUrl}/account`);
  await other.getByRole('button', { name: 'Sign out' }).click();

  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
  expect(await page.getByLabel('What the agent says').isVisible()).toBe(false);
  expect(await page.getByRole('link', { name: 'Calls' }).isVisible()).toBe(false);
  await other.getByLabel('E-mail').fill(person.email);
  await other.getByLabel('Password').fill(person.password);
  await signInButton(other).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.getByLabel('What the agent says').inputValue()).toBe('Only for my eyes.');
  await close();
});

test('a link that is opened while another user is signed in says so, and changes the user of all tabs only when it is used', async () => {
  const reply = await fetch(`${scene.baseUrl}/api/v1/auth/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(stranger),
  });
  expect(reply.status).toBe(200);
  const link = await scene.newLink(stranger.email);
  const { page, close } = await scene.openSignedIn();
  await page.goto(`${scene.baseUrl}/agents`);
  await page.getByText('Demo agent').waitFor();
  const other = await page.context().newPage();
  await other.goto(link);
  await other.getByText(`You are signed in as ${person.email}`).waitFor();
  await other.getByRole('link', { name: 'Stay signed in as I am' }).click();
  await other.getByRole('heading', { name: 'Calls', level: 1 }).waitFor();

  await other.goto(link);
  await signInButton(other).click();
  await other.getByText(`Signed in as ${stranger.email}`).waitFor();
  await page.getByRole('heading', { name: 'Calls', level: 1 }).waitFor();
  await page.goto(`${scene.baseUrl}/agents`);
  await page.getByRole('button', { name: 'New agent' }).first().waitFor();
  expect(await page.getByText('Demo agent').count()).toBe(0);
  await close();
});

test('who has forgotten the password comes by a link, chooses a new one without it, and all other sessions end', async () => {
  const old = await scene.openSignedIn();
  await old.page.goto(`${scene.baseUrl}/account`);
  const { page, close } = await scene.open();
  await page.goto(await scene.newLink(person.email));
  await signInButton(page).click();
  await page.getByText('You came by a sign-in link').waitFor();
  expect(await page.getByLabel('Current password').count()).toBe(0);
  await page.getByLabel('New password').fill('a password that I keep');
  await page.getByRole('button', { name: 'Change the password' }).click();
  // It works once.
  await page.getByLabel('Current password').waitFor();

  await old.page.getByRole('link', { name: 'Agents' }).click();
  const dialog = old.page.getByRole('dialog', { name: 'Your session has ended' });
  await dialog.getByLabel('Password').fill('a password that I keep');
  await signInButton(old.page).click();
  await dialog.waitFor({ state: 'detached' });
  await old.close();
  await close();
});
