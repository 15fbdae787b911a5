/** The bundled server on an empty database, with its built console, and a browser that notes what must not happen. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { runAdmin } from '../../support/admin';
import { startServerProcess } from '../../support/server-process';
import { startChromium } from '../chromium';

export const person = { email: 'asha.rao@example.com', password: 'correct horse battery' };

const metricsToken = 'metrics-of-the-browser-suite';

/** A window with cookies of its own. */
export interface BrowserWindow {
  page: Page;
  /** What the content security policy has blocked, in any document of this window. */
  violations: string[];
  /** Requests to any other server. */
  foreignRequests: string[];
  /** Errors that no code caught, in the words of the browser. */
  errors: string[];
  close: () => Promise<void>;
}

export interface Scene {
  baseUrl: string;
  databaseFile: string;
  /** The link that the first start leaves in a file. It signs in once. */
  signInLink: string;
  /** Another link, as `npm run admin -- sign-in-link --email` prints it. */
  newLink(email: string): Promise<string>;
  /** The key of the demo organization. */
  apiKey: string;
  /** A window in which nobody is signed in. */
  open(options?: BrowserContextOptions): Promise<BrowserWindow>;
  /** A window in which `person` is signed in, with a session of its own and nothing in its cache. The first one uses the link. */
  openSignedIn(options?: BrowserContextOptions): Promise<BrowserWindow>;
  /** @throws Error with status and reply. */
  api<Reply>(method: string, path: string, body?: object): Promise<Reply>;
  /** How many violations of its policy browsers have reported to the server. */
  reportedViolations(): Promise<number>;
  stop(): Promise<void>;
}

/** @param environment more variables for the server. */
export async function startScene(environment: Record<string, string> = {}): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'browser-suite-'));
  const databaseFile = join(folder, 'trigger.db');
  const server = await startServerProcess(
    {
      DATABASE_URL: `file:${databaseFile}`,
      ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
      METRICS_TOKEN: metricsToken,
      ...environment,
    },
    { script: 'server.js' },
  );
  const browser = await startChromium();
  const signInLink = readFileSync(`${databaseFile}.sign-in-link`, 'utf8').trim();
  const apiKey = readFileSync(`${databaseFile}.demo-key`, 'utf8').trim();
  let hasPassword = false;

  async function open(options: BrowserContextOptions = {}): Promise<BrowserWindow> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.baseUrl });
    const violations: string[] = [];
    const foreignRequests: string[] = [];
    const errors: string[] = [];
    await context.exposeFunction('noteViolation', (violation: string) => violations.push(violation));
    await context.addInitScript(`addEventListener('securitypolicyviolation', (event) => {
      noteViolation(event.effectiveDirective + ' ' + event.blockedURI);
    })`);
    context.on('request', (request) => {
      if (!request.url().startsWith(`${server.baseUrl}/`)) foreignRequests.push(request.url());
    });
    context.on('weberror', (error) => errors.push(error.error().message));
    const page = await context.newPage();
    return { page, violations, foreignRequests, errors, close: () => context.close() };
  }

  return {
    baseUrl: server.baseUrl,
    databaseFile,
    signInLink,
    async newLink(email) {
      const { output } = await runAdmin(
        { DATABASE_URL: `file:${databaseFile}` },
        'sign-in-link',
        '--email',
        email,
      );
      const [, fragment] = /(#token=\S+)/.exec(output) ?? [];
      if (fragment === undefined) throw new Error(`No link was printed: ${output}`);
      return `${server.baseUrl}/sign-in${fragment}`;
    },
    apiKey,
    open,
    async openSignedIn(options = {}) {
      const first = await open();
      await first.page.goto(hasPassword ? server.baseUrl : signInLink);
      await signIn(first.page, hasPassword ? 'Password' : 'New password');
      hasPassword = true;
      const storageState = await first.page.context().storageState();
      await first.close();
      return open({ ...options, storageState });
    },
    async api<Reply>(method: string, path: string, body?: object) {
      const reply = await fetch(`${server.baseUrl}/api/v1${path}`, {
        method,
        headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`${method} ${path} answered ${String(reply.status)}: ${text}`);
      return JSON.parse(text) as Reply;
    },
    async reportedViolations() {
      const reply = await fetch(`${server.baseUrl}/metrics`, {
        headers: { authorization: `Bearer ${metricsToken}` },
      });
      const [, count] = /^dograh_trigger_policy_violations_total (\d+)$/m.exec(await reply.text()) ?? [];
      if (count === undefined) throw new Error('The metrics do not count violations of the policy');
      return Number(count);
    },
    async stop() {
      await browser.close();
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function signIn(page: Page, passwordField: string): Promise<void> {
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel(passwordField).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Calls', level: 1 }).waitFor();
}
