/** GET /organizations/usage/runs/report: the list as CSV. */
import { openReport } from '../../../trigger-server/src/usage/report';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startCall } from '../../support/calls';
import { addRuns } from '../../support/runs';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

const path = '/api/v1/organizations/usage/runs/report';
const header =
  'Run ID,Campaign ID,Agent ID,Agent Definition ID,Created At,Phone Number,Call Disposition,Call Duration (s),Call Tags,Transcript URL,Recording URL,Extracted Variables,Transcript';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer({
    PUBLIC_BASE_URL: 'https://calls.example.com',
    SIGNUP_ENABLED: 'true',
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  ({ account, agent } = await readyToCall(server));
});

async function report(query: Record<string, string> = {}) {
  return server.request.get(path).query(query).set('X-API-Key', account.apiKey);
}

async function linesOf(query: Record<string, string> = {}): Promise<string[]> {
  const { text } = await report(query);
  expect(text.endsWith('\r\n')).toBe(true);
  return text.slice(0, -2).split('\r\n');
}

test('a CSV file with Dograh’s columns, whose links open what was said', async () => {
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  const at = server.clock.now().toISOString();
  await server.advance(900);
  const reply = await report();
  expect(reply.status).toBe(200);
  expect(reply.headers['content-type']).toBe('text/csv; charset=utf-8');
  const stamp = server.clock.now().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_');
  expect(reply.headers['content-disposition']).toBe(`attachment; filename="usage_runs_${stamp}.csv"`);
  const [first, line, ...more] = reply.text.split('\r\n');
  expect(first).toBe(header);
  expect(more).toEqual(['']);
  const cells = line!.split(',');
  const [, , , definitionId] = cells;
  expect(cells.slice(0, 9)).toEqual([
    String(runId),
    '',
    String(agent.id),
    definitionId,
    at.replace('Z', '+00:00'),
    '+14155550100',
    'end_call_tool',
    '0',
    'end_call_tool',
  ]);
  expect(cells[10]).toBe('');
  const transcript = new URL(cells[9]!);
  expect(transcript.origin).toBe('https://calls.example.com');
  await server.request.get(transcript.pathname).expect(200);
});

test('without calls it has only the header line', async () => {
  expect(await linesOf()).toEqual([header]);
});

test('every call once, newest first, however many there are', async () => {
  const added = await addRuns(server, account, agent, Array(4_700).fill({}));
  const [, ...lines] = await linesOf();
  expect(lines.map((line) => Number(line.split(',')[0]))).toEqual(added.reverse());
});

test('dates and filters apply as in the list', async () => {
  const [, second] = await addRuns(server, account, agent, [
    { createdAt: '2026-01-01T00:00:00.000Z' },
    { createdAt: '2026-01-02T00:00:00.000Z' },
    { createdAt: '2026-01-03T00:00:00.000Z', ended: null },
  ]);
  const filters = JSON.stringify([
    { attribute: 'dispositionCode', type: 'multiSelect', value: { codes: ['user_hangup'] } },
  ]);
  const [, ...lines] = await linesOf({ start_date: '2026-01-02', end_date: '2026-01-03', filters });
  expect(lines.map((line) => Number(line.split(',')[0]))).toEqual([second]);
});

test('a disposition that looks like a formula, or has commas, quotes and line breaks, stays text', async () => {
  await addRuns(server, account, agent, [
    { ended: { status: 'completed', disposition: '=HYPERLINK("http://x","y")\nz', seconds: 1 } },
  ]);
  const { text } = await report();
  expect(text).toContain(`,"'=HYPERLINK(""http://x"",""y"")\nz",1,`);
});

test('filters and dates that cannot be read are refused before a file begins', async () => {
  expect((await report({ filters: '{' })).status).toBe(400);
  expect((await report({ start_date: 'soon' })).status).toBe(422);
});

test('a caller that disconnects ends the reading of the database', async () => {
  await addRuns(server, account, agent, Array(6_000).fill({}));
  let rowsRead = 0;
  server.storage.tap({ afterQuery: (_, rows) => void (rowsRead += rows) });
  try {
    const everything = { startDate: undefined, endDate: undefined, filters: undefined };
    const { open } = openReport(server.services, account.organizationId, everything);
    let batches = 0;
    for await (const chunk of open() as AsyncIterable<string>) {
      if (chunk.length > 1000) batches += 1;
      if (batches === 2) break;
    }
    await server.advance(0);
    // There are twelve batches of 500 runs; one may have been read ahead.
    expect(rowsRead).toBeLessThan(4 * 500);
  } finally {
    server.storage.untap();
  }
});

test('a caller that disconnects in the middle causes no error, and the server answers others as before', async () => {
  await addRuns(server, account, agent, Array(6_000).fill({}));
  const controller = new AbortController();
  const reply = await fetch(`${server.baseUrl}${path}`, {
    headers: { 'X-API-Key': account.apiKey },
    signal: controller.signal,
  });
  const reader = reply.body!.getReader();
  await reader.read();
  controller.abort();
  await expect(reader.read()).rejects.toThrow();
  await server.request.get('/api/v1/health').expect(200);
  expect(server.logLines.filter((line) => line.includes('broke off'))).toEqual([]);
});
