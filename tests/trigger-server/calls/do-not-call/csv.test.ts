/** The do-not-call list as a file: what is read from CSV, and what is written. */
import type { AuditPage, DoNotCallEntry, DoNotCallImport, DoNotCallPage, Run } from '@dograh-trigger/shared';
import { readRun } from '../../../support/calls';
import { useCallersUnderPolicies, type Caller } from '../../../support/destination-policy';
import { byKeyOf, bySessionOf, entryPath, keyWithScope, listPath } from '../../../support/do-not-call';
import { openRequest } from '../../../support/open-request';
import type { Account } from '../../../support/test-server';

const path = `${listPath}/csv`;
const ofCsv = { 'Content-Type': 'text/csv' };

const { server, call, readyWith } = useCallersUnderPolicies();

const ready = async (): Promise<Account> => (await readyWith({})).account;

function post(account: Account, file: string) {
  return server()
    .request.post(path)
    .set({ ...byKeyOf(account), ...ofCsv })
    .send(file);
}

async function imported(account: Account, file: string): Promise<DoNotCallImport> {
  return (await post(account, file).expect(200)).body as DoNotCallImport;
}

async function entries(account: Account): Promise<DoNotCallEntry[]> {
  const reply = await server().request.get(`${listPath}?limit=100`).set(byKeyOf(account)).expect(200);
  return (reply.body as DoNotCallPage).entries;
}

async function exported(account: Account): Promise<string> {
  return (await server().request.get(path).set(byKeyOf(account)).expect(200)).text;
}

const numberOf = (index: number) => `+1415${String(5_550_000 + index)}`;

/** A file of this many different numbers. */
const fileOf = (count: number) =>
  ['number', ...Array.from({ length: count }, (_, index) => numberOf(index))].join('\r\n');

describe('a file of numbers', () => {
  test('is read as spreadsheets write it, and each number is not called from then on', async () => {
    const caller = await readyWith({});
    const file =
      '\u{feff}Phone Number;Reason;Until;Name\r\n' +
      `'+1 (415) 555-0142;"Asked by e-mail,\r\nand again; ""loudly""";;Jane\r\n` +
      '="+442079460000";;2999-01-01T01:00:00+01:00;\r\n' +
      '0049 151 12345678;;;\r\n';
    expect(await imported(caller.account, file)).toEqual({
      rows: 3,
      added: 3,
      prolonged: 0,
      unchanged: 0,
      skipped: 0,
      skipped_rows: [],
      ignored_columns: ['Name'],
    });
    const plain = { source: 'csv', reason: null, until: null, is_active: true, run_id: null };
    expect(await entries(caller.account)).toMatchObject([
      { ...plain, number: '+14155550142', reason: 'Asked by e-mail,\r\nand again; "loudly"' },
      { ...plain, number: '+442079460000', until: '2999-01-01T00:00:00.000Z' },
      { ...plain, number: '+4915112345678' },
    ]);
    for (const number of ['+14155550142', '+442079460000', '+4915112345678']) {
      expect((await call(caller, number).expect(422)).body).toMatchObject({ code: 'do_not_call' });
    }
  });

  test('needs no names of columns if it has nothing but numbers', async () => {
    const account = await ready();
    expect(await imported(account, '+14155550142\n+14155550143\n')).toMatchObject({ rows: 2, added: 2 });
  });

  test('that is sent twice changes nothing the second time', async () => {
    const account = await ready();
    const file = 'number,source,until\n+14155550142,crm,\n+14155550143,,2999-01-01T00:00:00Z\n';
    await imported(account, file);
    const before = await entries(account);
    await server().advance(1000);
    expect(await imported(account, file)).toMatchObject({ rows: 2, added: 0, prolonged: 0, unchanged: 2 });
    expect(await entries(account)).toEqual(before);
    const trail = await server().request.get('/api/v1/organizations/audit').set(byKeyOf(account)).expect(200);
    const actions = (trail.body as AuditPage).entries.map(({ action }) => action);
    expect(actions.filter((action) => action === 'do_not_call.imported')).toHaveLength(1);
  });

  test('replaces an entry only by one that lasts longer; of a repeated number the longest counts', async () => {
    const account = await ready();
    await imported(account, 'number,until\n+14155550142,2999-01-01T00:00:00Z\n+14155550143,\n');
    const file =
      'number,source,until\n' +
      '+14155550142,first,2999-06-01T00:00:00Z\n' +
      '+1 415 555 0142,second,\n' +
      '+14155550142,third,2999-07-01T00:00:00Z\n' +
      '+14155550143,fourth,2999-01-01T00:00:00Z\n';
    expect(await imported(account, file)).toMatchObject({ rows: 4, added: 0, prolonged: 1, unchanged: 3 });
    expect(await entries(account)).toMatchObject([
      { source: 'second', until: null },
      { source: 'csv', until: null },
    ]);
  });

  test.each<[string, string, string]>([
    ['no number', ',crm,,', 'The row has no phone number.'],
    ['a number without its country', '4155550142,,,', 'The phone number must begin with +'],
    ['a number that a spreadsheet has shortened', '1.41556E+10,,,', 'A spreadsheet has shortened'],
    ['a number that no country has', '+1415555,,,', 'No country has a phone number of this form'],
    ['an end without an offset', '+14155550142,,,2999-01-01', 'until: Write an instant with its offset'],
    ['an end that has passed', '+14155550142,,,2020-01-01T00:00:00Z', 'until: This instant has passed'],
    [
      'an end in the year 10000',
      '+14155550142,,,9999-12-31T23:00:00-02:00',
      'until: Write an instant before the year 10000',
    ],
    ['a long reason', `+14155550142,,${'x'.repeat(501)},`, 'reason: String should have at most 500'],
    ['a separator that is not quoted', '+14155550142,,asked,, twice', 'Put quotation marks around'],
  ])('skips a row with %s, says why, and adds the others', async (_what, row, reason) => {
    const account = await ready();
    const file = `number,source,reason,until\n"+14155550101",,"a\nb",\n${row}\n+14155550102,,,\n`;
    expect(await imported(account, file)).toMatchObject({
      rows: 3,
      added: 2,
      skipped: 1,
      skipped_rows: [{ line: 4, reason: expect.stringContaining(reason) as string }],
    });
  });

  test('with very many rows to skip names the first thousand, and counts all', async () => {
    const report = await imported(await ready(), `number,source\n${'x,\n'.repeat(1500)}`);
    expect(report).toMatchObject({ rows: 1500, added: 0, skipped: 1500 });
    expect(report.skipped_rows.map(({ line }) => line)).toEqual(
      Array.from({ length: 1000 }, (_, index) => index + 2),
    );
  });

  test.each([
    ['nothing in it', '', 'The file has no rows.'],
    ['no column with numbers', 'name,reason\nJane,asked\n', 'The first row must name the columns'],
    ['two columns with numbers', 'number,mobile\n+14155550142,\n', 'Two columns of the file have the same'],
    ['numbers and more, without names', '+14155550142,asked\n', 'The first row must name the columns'],
    [
      'bytes that are not UTF-8',
      'number\nGr\xfc\xdfe\n',
      'Save it as “CSV UTF-8”, and send it again. Nothing was added.',
    ],
  ])('with %s is refused, and nothing is added', async (_what, file, words) => {
    const account = await ready();
    const reply = await server()
      .request.post(path)
      .set({ ...byKeyOf(account), ...ofCsv })
      .send(Buffer.from(file, 'latin1'))
      .expect(422);
    const { detail } = reply.body as { detail: { loc: string[]; msg: string }[] };
    expect(detail).toMatchObject([{ loc: ['body'], msg: expect.stringContaining(words) as string }]);
    expect(await entries(account)).toEqual([]);
  });

  test('that cannot be read to its end says where and how much is on the list; sent again, it is finished', async () => {
    const account = await ready();
    const start = fileOf(1100);
    const reply = await post(account, `${start}\n"+14155550142\n`).expect(422);
    const [{ msg }] = (reply.body as { detail: [{ msg: string }] }).detail;
    expect(msg).toContain('Line 1102 of the file cannot be read');
    const taken = Number(/numbers of ([\d,]+) rows/.exec(msg)?.[1]?.replace(',', ''));
    const listed = (await exported(account)).trim().split('\r\n').length - 1;
    expect(listed).toBe(taken);
    expect(await imported(account, `${start}\n+442079460000\n`)).toMatchObject({
      added: 1101 - taken,
      unchanged: taken,
    });
  });

  test('whose sender disconnects leaves the numbers that had arrived, and the server runs on', async () => {
    const account = await ready();
    const sending = openRequest(`${server().baseUrl}${path}`, {
      method: 'POST',
      headers: { ...byKeyOf(account), ...ofCsv },
    });
    sending.on('error', () => undefined);
    const arrived = new Promise<void>((resolve) => {
      server().storage.tap({
        beforeQuery: ({ sql }) => {
          if (/insert into "do_not_call"/.test(sql)) resolve();
        },
      });
    });
    sending.write(`${fileOf(200)}\r\n`);
    await arrived;
    server().storage.untap();
    const closed = new Promise((resolve) => sending.on('close', resolve));
    sending.destroy();
    await closed;
    // Its transaction holds this lock to its end.
    await server().storage.write((session) => session.lock('organization', account.organizationId));
    expect((await exported(account)).trim().split('\r\n')).toHaveLength(201);
  });

  test('is written 200 numbers at a time, and a call gets its turn in between', async () => {
    const caller = await readyWith({});
    const order: string[] = [];
    server().storage.tap({
      beforeQuery: ({ sql }) => {
        if (/insert into "do_not_call"/.test(sql)) order.push('number');
        if (/insert into "runs"/.test(sql)) order.push('call');
      },
    });
    const importing = imported(caller.account, fileOf(5000));
    await call(caller, '+442079460000').expect(200);
    const before = order.indexOf('call');
    await importing;
    server().storage.untap();
    expect(order.filter((entry) => entry === 'number')).toHaveLength(5000);
    expect(before).toBeGreaterThanOrEqual(0);
    expect(before).toBeLessThan(5000);
    expect(before % 200).toBe(0);
  });
});

test('queued calls to the numbers of a file end at once', async () => {
  const caller = await readyWith({});
  const queue = async (to: string) => {
    const reply = await server()
      .request.post(`/api/v1/public/agent/${caller.agent.triggerPath}`)
      .set(byKeyOf(caller.account))
      .send({ phone_number: to, not_before: '2026-12-01T00:00:00Z' })
      .expect(202);
    return (reply.body as { workflow_run_id: number }).workflow_run_id;
  };
  const runs = [await queue(numberOf(1)), await queue(numberOf(1)), await queue('+442079460000')];
  await imported(caller.account, fileOf(600));
  const found: Run[] = [];
  for (const runId of runs) found.push(await readRun(server(), caller.account, runId));
  expect(found).toMatchObject([
    { status: 'canceled', reason: 'do_not_call' },
    { status: 'canceled', reason: 'do_not_call' },
    { status: 'queued', reason: null },
  ]);
});

describe('who may', () => {
  test.each([
    ['trigger', 200, 403],
    ['read', 403, 200],
    ['admin', 200, 200],
  ] as const)(
    'a key with the scope %s gets %d for adding a file and %d for reading it',
    async (scope, onPost, onGet) => {
      const account = await ready();
      const key = byKeyOf({ apiKey: await keyWithScope(server(), account, scope) });
      await server()
        .request.post(path)
        .set({ ...key, ...ofCsv })
        .send(fileOf(1))
        .expect(onPost);
      await server().request.get(path).set(key).expect(onGet);
    },
  );

  test('a file is added to the list of its own organization, and read from it', async () => {
    const account = await ready();
    const stranger: Caller = await readyWith({});
    await imported(account, fileOf(2));
    expect(await entries(stranger.account)).toEqual([]);
    expect((await exported(stranger.account)).split('\r\n')).toHaveLength(2);
    await call(stranger, numberOf(1)).expect(200);
  });
});

describe('the list as a file', () => {
  test('has each entry once, in the order of the numbers, also where it is longer than one read', async () => {
    const account = await ready();
    await imported(account, fileOf(1203));
    const [header, ...rows] = (await exported(account)).trim().split('\r\n');
    expect(header).toBe('number,source,reason,until,run_id,added_at');
    expect(rows.map((row) => row.split(',')[0])).toEqual(
      Array.from({ length: 1203 }, (_, index) => numberOf(index)),
    );
  });

  test('has no formula of an entry: a spreadsheet shows it as text', async () => {
    const account = await ready();
    await server()
      .request.put(entryPath('+14155550142'))
      .set(bySessionOf(account))
      .send({ source: '@SUM(1)', reason: '=HYPERLINK("http://evil.example","click")' })
      .expect(200);
    const [, row] = (await exported(account)).split('\r\n');
    expect(row).toMatch(
      /^\+14155550142,'@SUM\(1\),"'=HYPERLINK\(""http:\/\/evil\.example"",""click""\)",,,2026-/,
    );
  });

  test('read by another organization, gives it the same entries', async () => {
    const account = await ready();
    const file =
      'number,source,reason,until\n+14155550142,@desk,"=1, or\n2",\n+442079460000,,,2999-01-01T00:00:00Z\n';
    await imported(account, file);
    const other = await ready();
    expect(await imported(other, await exported(account))).toMatchObject({
      added: 2,
      ignored_columns: ['run_id', 'added_at'],
    });
    const content = ({ number, source, reason, until }: DoNotCallEntry) => ({
      number,
      source,
      reason,
      until,
    });
    expect((await entries(other)).map(content)).toEqual((await entries(account)).map(content));
  });

  test('that is read is in the audit trail', async () => {
    const account = await ready();
    await exported(account);
    const trail = await server().request.get('/api/v1/organizations/audit').set(byKeyOf(account)).expect(200);
    expect((trail.body as AuditPage).entries[0]).toMatchObject({ action: 'do_not_call.exported' });
  });
});

test('no number of a file is in the log', async () => {
  const account = await ready();
  await imported(account, 'number\n+14155550199\n4155550199\n+1 415 555 0199 x1\n');
  expect(server().logLines.join('')).not.toMatch(/4155550199|555 0199/);
});
