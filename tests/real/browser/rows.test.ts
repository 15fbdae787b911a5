/** A list of ten thousand calls, and what callers write into it. */
import Libsql from 'libsql';
import { until } from '../until';
import { startScene, type Scene } from './scene';
import { placeCall } from './screens';

// The machine may be busy.
jest.setTimeout(120_000);

let scene: Scene;

beforeAll(async () => {
  scene = await startScene({ SANDBOX_STEP_MS: '0' });
});
afterAll(() => scene.stop());

/** Copies the only call, each copy a second older than the one before. */
function copyCall(databaseFile: string, copies: number): void {
  const database = new Libsql(databaseFile, { timeout: 10_000 });
  const columns = (database.pragma('table_info(runs)') as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => !['id', 'created_at', 'provider_call_id', 'name'].includes(name))
    .join(', ');
  database.exec(`
    INSERT INTO runs (${columns}, created_at, provider_call_id, name)
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${String(copies)})
      SELECT ${columns}, strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '-' || n || ' seconds'), 'copy-' || n, 'copy ' || n
      FROM runs, numbers;
    UPDATE agents SET run_count = (SELECT count(*) FROM runs WHERE agent_id = agents.id);
    UPDATE organizations SET run_count = (SELECT count(*) FROM runs WHERE organization_id = organizations.id);`);
  database.close();
}

test('a callee’s name that contains a script is shown as text', async () => {
  const name =
    '<script>globalThis.isInjected = true</script><img src=x onerror="globalThis.isInjected = true">';
  const runId = await placeCall(scene, '+14155550100', { user: { name } });
  const { page, violations, close } = await scene.openSignedIn();
  await page.goto(`${scene.baseUrl}/calls/${String(runId)}`);
  await page
    .getByRole('region', { name: 'Conversation' })
    .getByText(`Hello ${name}, this is a test call`)
    .waitFor();
  expect(await page.evaluate('globalThis.isInjected ?? false')).toBe(false);
  expect(violations).toEqual([]);
  await close();
});

test('a list of ten thousand calls scrolls to its end, and at most a hundred rows exist at a time', async () => {
  copyCall(scene.databaseFile, 10_000);
  const { page, close } = await scene.openSignedIn();
  await page.goto(`${scene.baseUrl}/calls`);
  const table = page.getByRole('table', { name: 'Calls' });
  await table.getByRole('link').first().waitFor();
  expect(await table.getAttribute('aria-rowcount')).toBe('10002');
  const rows = table.getByRole('row');
  for (const share of [0.25, 0.5, 0.75, 1]) {
    await page.evaluate(`scrollTo(0, ${String(share)} * document.documentElement.scrollHeight)`);
    await until('the rows here are read', async () => {
      const last = await rows.last().getAttribute('aria-rowindex');
      return Number(last) >= share * 10_000 && (await rows.getByText('…', { exact: true }).count()) === 0;
    });
    expect(await rows.count()).toBeLessThan(100);
  }
  await rows.last().getByText('copy 10000').waitFor();
  expect(await rows.last().getAttribute('aria-rowindex')).toBe('10002');
  await close();
});
