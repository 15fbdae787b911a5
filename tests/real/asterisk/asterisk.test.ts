/** Calls to real SIP phones through a real Asterisk and the public trigger route of the real server: `npm run test:asterisk`. */
import { until } from '../until';
import { announcement, between, callerNumber, outcome, phone, Scene, spoken } from './scene';

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.open();
}, 600_000);
afterAll(() => scene.close());
afterEach(async () => {
  expect(await scene.countUnfinished()).toBe(0);
});

test('a callee hears the whole announcement, and then the call is hung up', async () => {
  const run = await scene.ended(await scene.call(phone.listens));
  expect(outcome(run)).toEqual({ status: 'completed', disposition: 'end_call_tool', seconds: between(3, 8) });
  expect(spoken(run)).toEqual([announcement]);
  expect(run.initial_context).toMatchObject({ caller_number: callerNumber });
});

test('a callee who answers and hangs up', async () => {
  const run = await scene.ended(await scene.call(phone.hangsUp));
  expect(outcome(run)).toEqual({ status: 'completed', disposition: 'user_hangup', seconds: between(1, 3) });
});

test.each([
  ['is busy', phone.isBusy, 'busy', 'busy'],
  ['declines', phone.declines, 'busy', 'declined'],
  ['does not answer within the ring timeout', phone.rings, 'no-answer', 'no_answer'],
  ['is out of reach', phone.isAway, 'no-answer', 'unavailable'],
  ['does not exist', phone.doesNotExist, 'failed', 'invalid_number'],
])('a callee who %s', async (_what, number, status, reason) => {
  const run = await scene.ended(await scene.call(number));
  expect(outcome(run)).toEqual({ status, disposition: status, seconds: 0 });
  expect(run.reason).toBe(reason);
});

test('a call to an unregistered phone is a 400, and its run has ended', async () => {
  const absent = await scene.configure('Absent', 'PJSIP/{number}@absent');
  const reply = await scene.trigger(phone.listens, absent).expect(400);
  expect(reply.body).toEqual({
    code: 'call_refused',
    detail:
      'Failed to initiate call: Asterisk: Allocation failed: the device of the dial template is unknown or not reachable (HTTP 500)',
  });
});

test('the caller cancels while the phone rings', async () => {
  const runId = await scene.call(phone.rings);
  await scene.reaches(runId, 'ringing');
  await scene.cancel(runId).expect(202);
  expect(outcome(await scene.ended(runId))).toEqual({
    status: 'canceled',
    disposition: 'canceled',
    seconds: 0,
  });
});

test('the caller cancels while the callee listens', async () => {
  const runId = await scene.call(phone.listens);
  await scene.reaches(runId, 'answered');
  await scene.cancel(runId).expect(202);
  expect(outcome(await scene.ended(runId))).toEqual({
    status: 'completed',
    disposition: 'canceled',
    seconds: between(0, 2),
  });
});

test('two calls at once; a third has no slot until they are over', async () => {
  const both = [await scene.call(phone.hangsUp), await scene.call(phone.listens)];
  expect(await scene.countUnfinished()).toBe(2);
  await scene.trigger(phone.listens).expect(429);
  const runs = await Promise.all(both.map((id) => scene.ended(id)));
  expect(runs.map(outcome)).toEqual([
    { status: 'completed', disposition: 'user_hangup', seconds: between(1, 3) },
    { status: 'completed', disposition: 'end_call_tool', seconds: between(3, 8) },
  ]);
});

test('a call that reaches its maximum duration is ended by Asterisk', async () => {
  const brief = await scene.agentThat({ ring_timeout_seconds: 5, max_call_duration: 2 });
  const run = await scene.ended(await scene.call(phone.listens, brief));
  expect(outcome(run)).toEqual({
    status: 'completed',
    disposition: 'call_duration_exceeded',
    seconds: between(1, 3),
  });
});

test('after a restart of Asterisk between two calls it is used again; in the meantime calls are refused with the reason', async () => {
  expect(outcome(await scene.ended(await scene.call(phone.hangsUp)))).toMatchObject({ status: 'completed' });
  await scene.pbx.crash();
  await until('the loss is noticed', async () => !(await scene.isReady(scene.trunk)));
  const refusal = await scene.trigger(phone.listens).expect(400);
  expect((refusal.body as { detail: string }).detail).toContain('Asterisk is not connected');
  await scene.pbx.start();
  await until('the server is connected again', () => scene.isReady(scene.trunk), 40);
  expect(outcome(await scene.ended(await scene.call(phone.hangsUp)))).toEqual({
    status: 'completed',
    disposition: 'user_hangup',
    seconds: between(1, 3),
  });
});

test('a restart of Asterisk during a call ends its run as completed, and the run says that nobody knows how', async () => {
  const runId = await scene.call(phone.listens);
  await scene.reaches(runId, 'answered');
  await scene.pbx.crash();
  await scene.pbx.start();
  expect(outcome(await scene.ended(runId))).toMatchObject({ status: 'completed', disposition: 'unknown' });
  await until('the server is connected again', () => scene.isReady(scene.trunk), 40);
});

test('a restarted server continues a call in progress', async () => {
  const before = Date.now();
  const runId = await scene.call(phone.listens);
  await until('the callee hears the announcement', () =>
    Promise.resolve(scene.pbx.network.soundSince(before).length > 0),
  );
  await scene.server.stop('SIGKILL');
  await scene.startServer();
  const run = await scene.ended(runId);
  expect(outcome(run)).toEqual({ status: 'completed', disposition: 'end_call_tool', seconds: between(3, 9) });
});
