/** Debian's chromium, driven by Playwright from the cache. The types cover only the used parts of Playwright. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installBrowser } from './install';

export interface Locator {
  first(): Locator;
  locator(selector: string): Locator;
  getByTestId(id: string): Locator;
  getByText(text: string, options?: { exact?: boolean }): Locator;
  click(): Promise<void>;
  /** With the mouse, as a person drags. */
  dragTo(target: Locator, options?: { targetPosition: { x: number; y: number } }): Promise<void>;
  fill(text: string): Promise<void>;
  press(key: string): Promise<void>;
  waitFor(options?: { state: 'visible' | 'hidden' }): Promise<void>;
  innerText(): Promise<string>;
  count(): Promise<number>;
}

export interface Page extends Pick<Locator, 'locator' | 'getByTestId' | 'getByText'> {
  goto(url: string): Promise<unknown>;
  waitForURL(url: RegExp): Promise<void>;
  /** `animations: 'disabled'` takes them at their end. */
  screenshot(options: { path: string; animations: 'disabled' }): Promise<unknown>;
}

interface Browser {
  newPage(options: object): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  chromium: { launch(options: object): Promise<Browser> };
  selectors: { setTestIdAttribute(name: string): void };
}

/** Opens a page of the size of the README's pictures. */
export async function openBrowser(): Promise<{ page: Page; close(): Promise<void> }> {
  const { folder, executablePath } = installBrowser();
  const { chromium, selectors } = createRequire(join(folder, 'package.json'))(
    'playwright-core',
  ) as Playwright;
  selectors.setTestIdAttribute('data-test-id');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  return { page, close: () => browser.close() };
}
