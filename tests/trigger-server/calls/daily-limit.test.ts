/** The daily call limit of a key. The clock is set to Monday, 12:00 UTC. */
import { readyToCall } from '../../support/agents';
import { useCallersUnderPolicies } from '../../support/destination-policy';
import type { Account } from '../../support/test-server';

const { server, put, readyWith, call, runCount } = useCallersUnderPolicies();

describe('calls per key and day', () => {
  const number = '+14155550100';

  async function anotherKey(account: Account): Promise<Account> {
    const reply = await server()
      .request.post('/api/v1/user/api-keys')
      .set('Authorization', `Bearer ${account.token}`)
      .send({ name: 'another' })
      .expect(200);
    return { ...account, apiKey: (reply.body as { api_key: string }).api_key };
  }

  test('beyond the limit the refusal has a Retry-After and no run is recorded; another key may call', async () => {
    const caller = await readyWith({ daily_calls_per_key: 2 });
    await call(caller, number).expect(200);
    await call(caller, number).expect(200);
    const refused = await call(caller, number).expect(429);
    expect(refused.headers['retry-after']).toBe(String(12 * 60 * 60));
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('raise daily_calls_per_key') });
    expect(await runCount(caller)).toBe(2);
    await call({ ...caller, account: await anotherKey(caller.account) }, number).expect(200);
  });

  test('while its calls are limited, a key can neither create nor reactivate keys', async () => {
    const caller = await readyToCall(server());
    const { apiKey } = caller.account;
    const make = () =>
      server().request.post('/api/v1/user/api-keys').set('X-API-Key', apiKey).send({ name: 'another' });
    const { id } = (await make().expect(200)).body as { id: number };
    await put(caller.account, { daily_calls_per_key: 1 }).expect(200);
    expect((await make().expect(403)).body).toMatchObject({ detail: expect.stringContaining('sign in') });
    const key = `/api/v1/user/api-keys/${String(id)}`;
    await server().request.delete(key).set('X-API-Key', apiKey).expect(200);
    await server().request.put(`${key}/reactivate`).set('X-API-Key', apiKey).expect(403);
    await put(caller.account, { daily_calls_per_key: null }).expect(200);
    await make().expect(200);
  });

  test('of many simultaneous calls, exactly the limit is placed', async () => {
    const caller = await readyWith({ daily_calls_per_key: 3 });
    const replies = await Promise.all(Array.from({ length: 10 }, () => call(caller, number)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(7);
    expect(await runCount(caller)).toBe(3);
  });

  test('calls that arrive together are counted together', async () => {
    const caller = await readyWith({ daily_calls_per_key: 100 });
    let changes = 0;
    server().storage.tap({
      beforeQuery: ({ sql }) => {
        if (/^(?:insert into|update) "api_key_days"/.test(sql)) changes += 1;
      },
    });
    await Promise.all(Array.from({ length: 20 }, () => call(caller, number).expect(200)));
    server().storage.untap();
    expect(changes).toBeLessThan(20);
    await put(caller.account, { daily_calls_per_key: 21 }).expect(200);
    await call(caller, number).expect(200);
    await call(caller, number).expect(429);
  });

  test('only recorded calls are counted, each once', async () => {
    const caller = await readyWith({ daily_calls_per_key: 2, blocked_prefixes: ['+44'] });
    await call(caller, '+442079460000').expect(422);
    await call(caller, '+19005550100').expect(422);
    for (let repeat = 0; repeat < 3; repeat += 1) {
      await call(caller, number, { 'Idempotency-Key': 'once' }).expect(200);
    }
    await call(caller, number).expect(200);
    await call(caller, number).expect(429);
  });

  test('calls before the limit was set do not count; raising the limit keeps the count', async () => {
    const caller = await readyToCall(server());
    await call(caller, number).expect(200);
    await put(caller.account, { daily_calls_per_key: 1 }).expect(200);
    await call(caller, number).expect(200);
    await call(caller, number).expect(429);
    await put(caller.account, { daily_calls_per_key: 2 }).expect(200);
    await call(caller, number).expect(200);
    await call(caller, number).expect(429);
  });

  test('at midnight UTC the count restarts at 0, and the previous day’s count is deleted', async () => {
    const caller = await readyWith({ daily_calls_per_key: 1 });
    await call(caller, number).expect(200);
    await server().advance(12 * 60 * 60 * 1000 - 1);
    expect((await call(caller, number).expect(429)).headers['retry-after']).toBe('1');
    await server().advance(1);
    await call(caller, number).expect(200);
    await call(caller, number).expect(429);
    const days = await server().services.storage.read.run(
      server()
        .services.storage.read.builder.selectFrom('api_key_days')
        .innerJoin('api_keys', 'api_keys.id', 'api_key_days.api_key_id')
        .select(['day', 'calls'])
        .where('organization_id', '=', caller.account.organizationId)
        .compile(),
    );
    expect(days.rows).toEqual([{ day: '2026-11-24', calls: 1 }]);
  });
});
