/** Debian's chromium, driven by Playwright. It is installed if it is not there. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { announce } from './install-once';

const executablePath = '/usr/bin/chromium';

export function installChromium(): void {
  if (existsSync(executablePath)) return;
  announce('Debian’s chromium', 'this machine', '300 MB and what it depends on');
  execFileSync('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

export async function startChromium(): Promise<Browser> {
  installChromium();
  return await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
