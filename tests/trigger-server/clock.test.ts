/** Time for deadlines and ages, on a machine whose clock jumps. */
import { watchdog } from '../../trigger-server/src/calls/watchdog';
import { createSystemClock } from '../../trigger-server/src/clock';
import { readJumped, saveJumped } from '../../trigger-server/src/jumps';
import { createAgent } from '../support/agents';
import { readRun, startCall } from '../support/calls';
import { addConfiguration } from '../support/telephony';
import { startTestServer, type Account, type TestServer } from '../support/test-server';

const hour = 3_600_000;

describe('the clock', () => {
  const start = Date.parse('2026-11-28T12:00:00Z');

  function clockOn(jumpedBefore = 0) {
    const machine = { wall: start, monotonic: 500 };
    const jumps: [number, number][] = [];
    const clock = createSystemClock(jumpedBefore, (jump, sum) => jumps.push([jump, sum]), {
      wall: () => machine.wall,
      monotonic: () => machine.monotonic,
    });
    const pass = (milliseconds: number, wall = milliseconds) => {
      machine.monotonic += milliseconds;
      machine.wall += wall;
    };
    return { clock, jumps, pass };
  }

  test('without a jump both times are equal, also when the clock is adjusted in small steps', () => {
    const { clock, jumps, pass } = clockOn();
    for (let minute = 0; minute < 600; minute += 1) {
      pass(60_000, 60_050);
      expect(clock.steady()).toEqual(clock.now());
    }
    expect(jumps).toEqual([]);
  });

  test.each([
    ['forward', 2 * hour],
    ['back', -8 * hour],
  ])('a jump %s moves only the wall clock, and is reported once', (_name, jump) => {
    const { clock, jumps, pass } = clockOn();
    pass(1000);
    clock.steady();
    pass(15_000, 15_000 + jump);
    expect(clock.steady()).toEqual(new Date(start + 16_000));
    expect(clock.now()).toEqual(new Date(start + 16_000 + jump));
    pass(1000);
    expect(clock.steady()).toEqual(new Date(start + 17_000));
    expect(jumps).toEqual([[jump, jump]]);
  });

  test('the next server goes on with the sum of all jumps', () => {
    const { clock, jumps, pass } = clockOn(2 * hour);
    expect(clock.steady()).toEqual(new Date(start - 2 * hour));
    pass(1000, 1000 + 26 * hour);
    expect(clock.steady()).toEqual(new Date(start - 2 * hour + 1000));
    expect(jumps).toEqual([[26 * hour, 28 * hour]]);
  });
});

describe('the jumps since the last server ran, computed at the start', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });
  afterEach(() => server.close());

  const written = { wall: Date.parse('2026-11-28T12:00:00Z'), monotonic: 5 * hour, boot: 'first' };
  const after = (passed: number, jump: number, boot: string | null = 'first') => ({
    wall: written.wall + passed + jump,
    monotonic: boot === 'first' ? written.monotonic + passed : passed,
    boot,
  });

  test.each([
    ['nothing but time has passed', after(30 * hour, 0), 0],
    ['the clock was set 26 hours ahead meanwhile', after(hour, 26 * hour), 26 * hour],
    ['the clock was set 8 hours back meanwhile', after(hour, -8 * hour), -8 * hour],
    ['it was kept right in small steps', after(hour, 400), 0],
    ['the machine was started anew, and nobody knows', after(hour, 26 * hour, 'second'), 0],
    ['the system does not name its starts', after(hour, 26 * hour, null), 0],
  ])('%s', async (_title, here, meanwhile) => {
    const { storage } = server.services;
    await storage.write((session) => saveJumped(session, 2 * hour, written));
    expect(await readJumped(storage.read, here)).toEqual({ sum: 2 * hour + meanwhile, meanwhile });
  });

  test('the first server of a database knows of no jump', async () => {
    expect(await readJumped(server.services.storage.read, after(0, 0))).toEqual({ sum: 0, meanwhile: 0 });
  });
});

describe('a server whose clock jumps', () => {
  let server: TestServer;
  let account: Account;
  beforeEach(async () => {
    server = await startTestServer({ SANDBOX_STEP_MS: '600000' });
    account = await server.signUp();
    await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
  });
  afterEach(() => server.close());

  test.each([2 * hour, 26 * hour, -8 * hour])('by %d ms hangs up no living call', async (jump) => {
    const worker = await watchdog(server.services).start();
    const runId = await startCall(server, account, await createAgent(server, account), {
      phone_number: '+14155550100',
    });
    await server.advance(20_000);
    server.clock.jump(jump);
    await server.advance((30 + 300 + 60 - 20) * 1000);
    expect((await readRun(server, account, runId)).is_completed).toBe(false);
    await server.advance(15_000);
    expect((await readRun(server, account, runId)).is_completed).toBe(true);
    await worker.stop();
  });

  test.each([2 * hour, -8 * hour])('by %d ms counts a call by the time that it has lasted', async (jump) => {
    const runId = await startCall(server, account, await createAgent(server, account), {
      phone_number: '+14155550100',
    });
    const step = 600_000;
    await server.advance(2 * step);
    expect((await readRun(server, account, runId)).status).toBe('answered');
    server.clock.jump(jump);
    await server.advance(step);
    expect(await readRun(server, account, runId)).toMatchObject({
      status: 'completed',
      cost_info: { call_duration_seconds: step / 1000 },
    });
  });

  test.each([26 * hour, -8 * hour])('by %d ms dials no repeat', async (jump) => {
    const agent = await createAgent(server, account);
    const call = () =>
      server.request
        .post(`/api/v1/public/agent/${agent.triggerPath}`)
        .set('X-API-Key', account.apiKey)
        .set('Idempotency-Key', 'order-4711')
        .send({ phone_number: '+14155550100' })
        .expect(200);
    const first = await call();
    server.clock.jump(jump);
    const repeat = await call();
    expect(repeat.headers['idempotency-replayed']).toBe('true');
    expect(repeat.body).toEqual(first.body);
    // A key lives for 24 hours that have really passed.
    await server.advance(24 * hour + 1000);
    expect((await call()).headers['idempotency-replayed']).toBeUndefined();
  });

  test('by 26 hours accepts earlier sessions and download links', async () => {
    const agent = await createAgent(server, account);
    const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
    await server.advance(4 * 600_000);
    const token = (await readRun(server, account, runId)).public_access_token ?? '';
    server.clock.jump(26 * hour);
    await server.request.get('/api/v1/auth/me').set('Authorization', `Bearer ${account.token}`).expect(200);
    await server.request.get(`/api/v1/public/download/workflow/${token}/transcript`).expect(200);
  });
});
