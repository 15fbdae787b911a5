import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../trigger-server/src/config';
import { welcome } from '../../trigger-server/src/welcome';
import { printedKey } from '../support/printed-request';

const newApiKey = `dgr_${'k'.repeat(43)}`;
const demo = { triggerPath: 'a-path', talkPath: 'a-talk', newApiKey, signInToken: 'a-token' };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "welcome's-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function config(environment: Record<string, string> = {}) {
  return readConfig({ DATABASE_URL: `file:${join(folder, 'trigger.db')}`, ...environment });
}

test('at a terminal the new key is shown once, and is in no file', () => {
  const text = welcome(config(), 8000, demo, true);
  expect(text).toContain(`API key     ${newApiKey}  (shown this once: keep it)`);
  expect(printedKey(text)).toBe(newApiKey);
  expect(existsSync(join(folder, 'trigger.db.demo-key'))).toBe(false);
  const later = welcome(config(), 8000, { ...demo, newApiKey: null, signInToken: null }, true);
  expect(later).not.toContain(newApiKey);
  expect(later).toContain('"X-API-Key: $DOGRAH_API_KEY"');
});

test('a folder with an apostrophe in its name is quoted safely', () => {
  const text = welcome(config(), 8000, demo, false);
  expect(text).toContain(String.raw`$(cat '${folder.replace("'", String.raw`'\''`)}/trigger.db.demo-key')`);
});

test('the operator’s own key is not printed: the text names its variable', () => {
  const text = welcome(
    config({ BOOTSTRAP_API_KEY: newApiKey }),
    8000,
    { ...demo, newApiKey: null, signInToken: null },
    false,
  );
  expect(text).toContain('"X-API-Key: $BOOTSTRAP_API_KEY"');
  expect(text).not.toContain(newApiKey);
});

describe('the link that signs in', () => {
  const link = 'http://127.0.0.1:8000/sign-in#token=a-token';

  test('at a terminal it is printed after the curl command, and is in no file', () => {
    const text = welcome(config(), 8000, demo, true);
    expect(text.indexOf(link)).toBeGreaterThan(text.indexOf('curl'));
    expect(existsSync(join(folder, 'trigger.db.sign-in-link'))).toBe(false);
  });

  test('without a terminal it is in a file that only its owner can read', () => {
    const text = welcome(config(), 8000, demo, false);
    const file = join(folder, 'trigger.db.sign-in-link');
    expect(text).not.toContain('a-token');
    expect(text).toContain(file);
    expect(readFileSync(file, 'utf8')).toBe(`${link}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
