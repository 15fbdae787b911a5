/** How often one number may be called in a window of time. The clock is set to Monday, 12:00 UTC. */
import type { DestinationChecks, Run } from '@dograh-trigger/shared';
import { readRun } from '../../support/calls';
import { policyPath, useCallersUnderPolicies, type Caller } from '../../support/destination-policy';
import { byKeyOf, bySessionOf, keyWithScope } from '../../support/do-not-call';

const number = '+14155550142';
const other = '+14155550143';
const minute = 60_000;
const hour = 60 * minute;

const { server, put, call, readyWith, runCount } = useCallersUnderPolicies();

const limited = (calls: number, window = 'PT1H', further: object = {}) =>
  readyWith({ max_calls_per_number: { calls, window }, ...further });

function trigger({ account, agent }: Caller, body: object) {
  return server()
    .request.post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set(byKeyOf(account))
    .send({ phone_number: number, ...body });
}

async function queued(caller: Caller, body: object): Promise<number> {
  return ((await trigger(caller, body).expect(202)).body as { workflow_run_id: number }).workflow_run_id;
}

const read = ({ account }: Caller, runId: number): Promise<Run> => readRun(server(), account, runId);

async function check({ account }: Caller, numbers: string[], at?: string) {
  const reply = await server()
    .request.post(`${policyPath}/check`)
    .set(byKeyOf(account))
    .send({ phone_numbers: numbers, at })
    .expect(200);
  return (reply.body as DestinationChecks).results;
}

/** How many calls are counted for the organization. */
async function counted({ account }: Caller): Promise<number> {
  const { read: session } = server().services.storage;
  const found = await session.run(
    session.builder
      .selectFrom('number_calls')
      .select('id')
      .where('organization_id', '=', account.organizationId)
      .compile(),
  );
  return found.rows.length;
}

describe('at the request', () => {
  test('a further call is refused until the first one is out of the window; nothing is recorded', async () => {
    const caller = await limited(2);
    await call(caller, number).expect(200);
    await server().advance(10 * minute);
    await call(caller, number).expect(200);
    await server().advance(10 * minute);
    const refused = await call(caller, '+1 (415) 555-0142').expect(422);
    const opensAt = new Date(server().clock.now().getTime() + 40 * minute).toISOString();
    expect(refused.headers['retry-after']).toBe(String(40 * 60));
    expect(refused.body).toEqual({
      detail: [
        {
          type: 'destination_refused',
          loc: ['body', 'phone_number'],
          msg: `This number was called 2 times in PT1H, as often as the destination policy of your organization allows. It may be called again at ${opensAt}: call again then, or change max_calls_per_number.`,
          input: null,
          ctx: { rule: 'max_calls_per_number', calls: 2, window: 'PT1H', opens_at: opensAt },
        },
      ],
      code: 'destination_refused',
    });
    expect(await runCount(caller)).toBe(2);
    await call(caller, other).expect(200);
    await server().advance(40 * minute - 1);
    await call(caller, number).expect(422);
    await server().advance(1);
    await call(caller, number).expect(200);
    await call(caller, number).expect(422);
  });

  test('of many simultaneous calls to a number exactly the limit is placed, over all keys', async () => {
    const caller = await limited(3);
    const account = { ...caller.account, apiKey: await keyWithScope(server(), caller.account, 'trigger') };
    const second = { ...caller, account };
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, index) => call(index % 2 === 0 ? caller : second, number)),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(replies.filter(({ status }) => status === 422)).toHaveLength(9);
    expect(await counted(caller)).toBe(3);
  });

  test('a repeat of a request is not counted, and the calls of another organization are not', async () => {
    const caller = await limited(1);
    const stranger = await limited(1);
    const headers = { 'Idempotency-Key': 'once' };
    for (let repeat = 0; repeat < 3; repeat += 1) await call(caller, number, headers).expect(200);
    await call(stranger, number).expect(200);
    expect(await counted(caller)).toBe(1);
  });

  test('the refusal names an instant inside the calling hours', async () => {
    const now = server().clock.now().getTime();
    const timeOf = (at: number) => new Date(at).toISOString().slice(11, 16);
    const windows = [{ from: timeOf(now - hour), to: timeOf(now + hour) }];
    const caller = await limited(1, 'PT2H', { calling_hours: { windows, time_zone: 'UTC' } });
    await call(caller, number).expect(200);
    const refused = await call(caller, number).expect(422);
    const [{ ctx }] = (refused.body as { detail: [{ ctx: object }] }).detail;
    expect(ctx).toMatchObject({
      rule: 'max_calls_per_number',
      opens_at: new Date(now + 23 * hour).toISOString(),
    });
  });
});

test('without a limit nothing is counted; one that is set counts from then on', async () => {
  const caller = await readyWith({});
  const asked: string[] = [];
  server().storage.tap({
    beforeQuery: ({ sql }) => {
      if (sql.includes('number_calls')) asked.push(sql);
    },
  });
  await call(caller, number).expect(200);
  server().storage.untap();
  expect(asked).toEqual([]);
  await put(caller.account, { max_calls_per_number: { calls: 1, window: 'PT1H' } }).expect(200);
  await call(caller, number).expect(200);
  await call(caller, number).expect(422);
  await put(caller.account, { max_calls_per_number: { calls: 2, window: 'PT1H' } }).expect(200);
  await call(caller, number).expect(200);
  await call(caller, number).expect(422);
});

test('a check before the call says the same, at the time that is asked about', async () => {
  const caller = await limited(1);
  await call(caller, number).expect(200);
  const refused = await call(caller, number).expect(422);
  const [{ msg }] = (refused.body as { detail: [{ msg: string }] }).detail;
  const opensAt = new Date(server().clock.now().getTime() + hour).toISOString();
  expect(await check(caller, [number, other])).toMatchObject([
    { allowed: false, rule: 'max_calls_per_number', detail: msg, opens_at: opensAt },
    { allowed: true },
  ]);
  expect(await check(caller, [number], opensAt)).toMatchObject([{ allowed: true }]);
});

describe('a call that waits', () => {
  test('with outside_hours wait is queued until the number may be called, and placed then', async () => {
    const caller = await limited(1);
    await call(caller, number).expect(200);
    const runId = await queued(caller, { outside_hours: 'wait' });
    const dueAt = new Date(server().clock.now().getTime() + hour).toISOString();
    expect(await read(caller, runId)).toMatchObject({ waiting_for: 'number_limit', due_at: dueAt });
    await server().advance(hour - 1000);
    expect((await read(caller, runId)).status).toBe('queued');
    await server().advance(1000);
    expect((await read(caller, runId)).status).not.toBe('queued');
    await call(caller, number).expect(422);
  });

  test('is refused if its not_after comes before that', async () => {
    const caller = await limited(1);
    await call(caller, number).expect(200);
    const notAfter = new Date(server().clock.now().getTime() + hour).toISOString();
    const reply = await trigger(caller, { outside_hours: 'wait', not_after: notAfter }).expect(422);
    expect((reply.body as { detail: unknown[] }).detail).toMatchObject([{ loc: ['body', 'not_after'] }]);
  });

  test('is counted at its dial and not before; what is over the limit then waits on, or ends', async () => {
    const caller = await limited(2);
    const start = server().clock.now().getTime();
    const notBefore = new Date(start + 10 * minute).toISOString();
    const runs = [
      await queued(caller, { not_before: notBefore }),
      await queued(caller, { not_before: notBefore, outside_hours: 'wait' }),
      await queued(caller, { not_before: notBefore, outside_hours: 'wait' }),
      await queued(caller, { not_before: notBefore }),
    ];
    expect(await counted(caller)).toBe(0);
    await server().advance(10 * minute);
    const found: Run[] = [];
    for (const runId of runs) found.push(await read(caller, runId));
    expect(found.slice(0, 2).map(({ status }) => status)).not.toContain('queued');
    expect(found.slice(2)).toMatchObject([
      {
        status: 'queued',
        waiting_for: 'number_limit',
        due_at: new Date(start + 70 * minute).toISOString(),
      },
      { status: 'canceled', reason: 'destination_refused' },
    ]);
    expect(await counted(caller)).toBe(2);
  });
});

test('the erasure of a call forgets that its number was called', async () => {
  const caller = await limited(1);
  const reply = await call(caller, number).expect(200);
  const { workflow_run_id: runId } = reply.body as { workflow_run_id: number };
  await server().advance(10 * minute);
  await server()
    .request.delete(`/api/v1/workflow/${String(caller.agent.id)}/runs/${String(runId)}`)
    .set(bySessionOf(caller.account))
    .expect(200);
  expect(await counted(caller)).toBe(0);
});

test('calls that no window can count any more are deleted when their number is called again', async () => {
  const caller = await limited(1, 'PT1H');
  await call(caller, number).expect(200);
  await server().advance(31 * 24 * hour);
  await call(caller, number).expect(200);
  expect(await counted(caller)).toBe(2);
  await server().advance(hour);
  await call(caller, number).expect(200);
  expect(await counted(caller)).toBe(2);
});
