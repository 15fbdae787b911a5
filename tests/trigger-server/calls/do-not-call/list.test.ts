/** What an organization's do-not-call list does, and who may change it. */
import type { AuditPage, DoNotCallEntry, DoNotCallPage } from '@dograh-trigger/shared';
import { policyPath, useCallersUnderPolicies } from '../../../support/destination-policy';
import { byKeyOf, bySessionOf, entryPath, keyWithScope, listPath } from '../../../support/do-not-call';
import type { Account } from '../../../support/test-server';

const number = '+14155550142';
const other = '+14155550143';
const anHour = 60 * 60 * 1000;

const { server, call, readyWith, runCount } = useCallersUnderPolicies();

const ready = () => readyWith({});

/** Adds with the admin key of the organization. */
function add(account: Account, to: string, body: object = {}) {
  return server().request.put(entryPath(to)).set(byKeyOf(account)).send(body);
}

async function added(account: Account, to: string, body: object = {}): Promise<DoNotCallEntry> {
  return (await add(account, to, body).expect(200)).body as DoNotCallEntry;
}

function remove(account: Account, from: string) {
  return server().request.delete(entryPath(from)).set(bySessionOf(account));
}

async function read(account: Account, of: string): Promise<DoNotCallEntry> {
  return (await server().request.get(entryPath(of)).set(byKeyOf(account)).expect(200)).body as DoNotCallEntry;
}

async function page(account: Account, query = ''): Promise<DoNotCallPage> {
  const reply = await server().request.get(`${listPath}${query}`).set(byKeyOf(account)).expect(200);
  return reply.body as DoNotCallPage;
}

async function trail(account: Account): Promise<AuditPage['entries']> {
  const reply = await server().request.get('/api/v1/organizations/audit').set(byKeyOf(account)).expect(200);
  return (reply.body as AuditPage).entries;
}

const inAnHour = () => new Date(server().clock.now().getTime() + anHour).toISOString();

describe('a number on the list', () => {
  test('is not called from then on, however it is written, and nothing is recorded', async () => {
    const caller = await ready();
    await call(caller, number).expect(200);
    await added(caller.account, number);
    for (const written of [number, '+1 (415) 555-0142', ' +1.415.555.0142 ']) {
      const reply = await call(caller, written).expect(422);
      expect(reply.body).toEqual({
        detail: [
          {
            type: 'destination_refused',
            loc: ['body', 'phone_number'],
            msg: 'This number is on the do-not-call list of your organization, so nobody was called. Only a signed-in user can remove it from the list.',
            input: null,
            ctx: { rule: 'do_not_call', until: null },
          },
        ],
        code: 'do_not_call',
      });
    }
    await call(caller, other).expect(200);
    expect(await runCount(caller)).toBe(2);
  });

  test('is called by an organization that has not listed it', async () => {
    await added((await ready()).account, number);
    await call(await ready(), number).expect(200);
  });

  test('is called again once its entry has ended, which stays in the list', async () => {
    const caller = await ready();
    const until = inAnHour();
    expect(await added(caller.account, number, { until })).toMatchObject({ until, is_active: true });
    expect((await call(caller, number).expect(422)).text).toContain(until);
    await server().advance(anHour);
    await call(caller, number).expect(200);
    expect((await page(caller.account)).entries).toMatchObject([{ number, until, is_active: false }]);
    // A new entry replaces the one that has ended.
    expect(await added(caller.account, number)).toMatchObject({ until: null, is_active: true });
    await call(caller, number).expect(422);
  });

  test('refuses a request with a new idempotency key, but not the repeat of one that was served', async () => {
    const caller = await ready();
    await call(caller, number, { 'Idempotency-Key': 'first' }).expect(200);
    await added(caller.account, number);
    await call(caller, number, { 'Idempotency-Key': 'first' }).expect(200);
    await call(caller, number, { 'Idempotency-Key': 'second' }).expect(422);
    expect(await runCount(caller)).toBe(1);
  });

  test('refuses exactly its own calls of many that arrive together', async () => {
    const caller = await ready();
    await added(caller.account, number);
    const numbers = [number, other, number, other, number];
    const replies = await Promise.all(numbers.map((to) => call(caller, to)));
    expect(replies.map(({ status }) => status)).toEqual([422, 200, 422, 200, 422]);
  });

  test('is what a check before the call says, too', async () => {
    const { account } = await ready();
    await added(account, number);
    const reply = await server()
      .request.post(`${policyPath}/check`)
      .set(byKeyOf(account))
      .send({ phone_numbers: [number] })
      .expect(200);
    expect(reply.body).toMatchObject({
      results: [{ allowed: false, reason: 'destination_refused', rule: 'do_not_call' }],
    });
  });

  test('is in no line of the log', async () => {
    const caller = await ready();
    await added(caller.account, '+14155550187', { reason: 'said 4155550187' });
    await call(caller, '+14155550187').expect(422);
    await remove(caller.account, '+14155550187').expect(200);
    expect(server().logLines.join('')).not.toContain('4155550187');
  });
});

test('a call of an organization without a list asks the database nothing about it', async () => {
  const caller = await ready();
  const asked: string[] = [];
  const asksTheList = async () => {
    asked.length = 0;
    server().storage.tap({
      beforeQuery: ({ sql }) => {
        if (/from "do_not_call"/.test(sql)) asked.push(sql);
      },
    });
    await call(caller, number);
    server().storage.untap();
    return asked.length;
  };
  expect(await asksTheList()).toBe(0);
  await added(caller.account, other);
  expect(await asksTheList()).toBe(1);
});

describe('an entry', () => {
  test('says where it comes from', async () => {
    const { account } = await ready();
    const at = server().clock.now().toISOString();
    const plain = await added(account, '+1 (415) 555-0142');
    const entry = { id: plain.id, reason: null, until: null, is_active: true, run_id: null, added_at: at };
    expect(plain).toEqual({ ...entry, number, source: 'key' });
    const byPerson = await server().request.put(entryPath(other)).set(bySessionOf(account)).send({});
    expect(byPerson.body).toMatchObject({ source: 'user' });
    const full = { source: 'support desk', reason: 'Asked by e-mail', until: inAnHour() };
    expect(await added(account, '+14155550144', full)).toMatchObject(full);
    expect(await read(account, '+14155550144')).toMatchObject(full);
  });

  test('is never shortened by an addition, and replaced by one that lasts longer', async () => {
    const { account } = await ready();
    const until = inAnHour();
    const first = await added(account, number, { source: 'first', until });
    const earlier = new Date(Date.parse(until) - 1000).toISOString();
    expect(await added(account, number, { source: 'second', until: earlier })).toEqual(first);
    expect(await added(account, number, { source: 'third' })).toMatchObject({
      id: first.id,
      source: 'third',
      until: null,
    });
    expect(await added(account, number, { source: 'fourth', until })).toMatchObject({ source: 'third' });
    expect(await added(account, number, { source: 'fifth' })).toMatchObject({ source: 'third' });
    const changes = (await trail(account)).filter(({ action }) => action === 'do_not_call.added');
    expect(changes).toHaveLength(2);
  });

  test('keeps its instant in UTC, whatever offset it was sent with', async () => {
    const { account } = await ready();
    const entry = await added(account, number, { until: '2999-01-01T01:00:00+01:00' });
    expect(entry.until).toBe('2999-01-01T00:00:00.000Z');
  });

  test.each<[string, string, object, (string | number)[]]>([
    ['an end without an offset', number, { until: '2999-01-01T00:00:00' }, ['body', 'until']],
    ['an end in the past', number, { until: '2020-01-01T00:00:00Z' }, ['body', 'until']],
    ['an empty source', number, { source: ' ' }, ['body', 'source']],
    ['a long reason', number, { reason: 'x'.repeat(501) }, ['body', 'reason']],
    ['a reason with NUL', number, { reason: 'a\0b' }, ['body', 'reason']],
    ['a misspelt name', number, { untill: '2999-01-01T00:00:00Z' }, ['body']],
    ['a number without a country', '4155550142', {}, ['path', 'number']],
    ['a number that no country has', '+1415555', {}, ['path', 'number']],
  ])('with %s is refused at its place', async (_what, to, body, loc) => {
    const { account } = await ready();
    const reply = await add(account, to, body).expect(422);
    expect((reply.body as { detail: { loc: unknown }[] }).detail.map((item) => item.loc)).toEqual([loc]);
    expect((await page(account)).entries).toEqual([]);
  });
});

describe('who may change the list', () => {
  test('keys with the scope trigger or admin add, and one with the scope read does not', async () => {
    const { account } = await ready();
    for (const [scope, status] of [
      ['trigger', 200],
      ['admin', 200],
      ['read', 403],
    ] as const) {
      const apiKey = await keyWithScope(server(), account, scope);
      await server().request.put(entryPath(number)).set(byKeyOf({ apiKey })).send({}).expect(status);
    }
  });

  test('a key with the scope trigger reads the entry of a number that it names, and no list', async () => {
    const { account } = await ready();
    await added(account, number);
    const key = byKeyOf({ apiKey: await keyWithScope(server(), account, 'trigger') });
    await server().request.get(entryPath(number)).set(key).expect(200);
    await server().request.get(entryPath(other)).set(key).expect(404);
    await server().request.get(listPath).set(key).expect(403);
  });

  test('no key removes a number, and a signed-in user does', async () => {
    const caller = await ready();
    await added(caller.account, number);
    const refused = await server().request.delete(entryPath(number)).set(byKeyOf(caller.account)).expect(403);
    expect((refused.body as { detail: string }).detail).toContain('but not remove them');
    await call(caller, number).expect(422);
    expect((await remove(caller.account, number).expect(200)).body).toEqual({ number, removed: true });
    await call(caller, number).expect(200);
    await remove(caller.account, number).expect(404);
  });

  test('the audit trail says who added and removed which entry, without its number', async () => {
    const { account } = await ready();
    const { id } = await added(account, number, { reason: 'private' });
    await remove(account, number).expect(200);
    const entries = await trail(account);
    expect(entries.slice(0, 2)).toMatchObject([
      { action: 'do_not_call.removed', subject_id: String(id), user: { id: account.userId }, key: null },
      {
        action: 'do_not_call.added',
        subject_id: String(id),
        user: null,
        key: { name: expect.any(String) as string },
      },
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/4155550142|private/);
  });
});

describe('the list', () => {
  const numbers = ['+14155550100', '+14155550101', '+442079460000', '+447911123456', '+4915112345678'];
  const listed = async (account: Account, query?: string) =>
    (await page(account, query)).entries.map((entry) => entry.number);

  test('is read page by page, each number once', async () => {
    const { account } = await ready();
    for (const to of [...numbers].reverse()) await added(account, to);
    expect(await listed(account)).toEqual(numbers);
    const found: string[] = [];
    let after: string | null = '';
    while (after !== null) {
      const { entries, next_after } = await page(
        account,
        `?limit=2${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`,
      );
      found.push(...entries.map((entry) => entry.number));
      after = next_after;
    }
    expect(found).toEqual(numbers);
  });

  test.each([
    ['+44', ['+442079460000', '+447911123456']],
    ['44 20', ['+442079460000']],
    ['+1 (415) 555-0101', ['+14155550101']],
    ['+', numbers],
    ['+33', []],
  ])('is searched by the first digits: %s', async (search, found) => {
    const { account } = await ready();
    for (const to of numbers) await added(account, to);
    expect(await listed(account, `?search=${encodeURIComponent(search)}`)).toEqual(found);
    const [first] = found;
    if (first === undefined) return;
    const next = `?search=${encodeURIComponent(search)}&after=${encodeURIComponent(first)}`;
    expect(await listed(account, next)).toEqual(found.slice(1));
  });

  test('refuses a search that is no number', async () => {
    const { account } = await ready();
    await server().request.get(`${listPath}?search=jane`).set(byKeyOf(account)).expect(422);
  });
});
