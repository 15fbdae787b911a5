/** A browser for n8n's editor. */
import { selectors, type Page } from 'playwright-core';
import { startChromium } from '../chromium';

/** Opens a page of the size of the README's pictures. */
export async function openBrowser(): Promise<{ page: Page; close(): Promise<void> }> {
  selectors.setTestIdAttribute('data-test-id');
  const browser = await startChromium();
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  return { page, close: () => browser.close() };
}
