/** Do Not Call, with the real server and a key that may only call. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { keyWithScope } from '../support/do-not-call';
import { n8nContext } from '../support/n8n-context';
import { startTestServer, type TestServer } from '../support/test-server';

let server: TestServer;
let apiKey: string;

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer(environment);
  apiKey = await keyWithScope(server, await server.signUp(), 'trigger');
}

afterEach(() => server.close());

async function execute(operation: string, parameters: INodeParameters): Promise<IDataObject> {
  const { baseUrl } = server;
  const context = n8nContext({
    baseUrl,
    apiKey,
    parameters: { resource: 'doNotCall', operation, ...parameters },
  });
  const [items] = await new Dograh().execute.call(context);
  return items?.[0]?.json ?? {};
}

const nothing = { reason: null, source: null, until: null, added_at: null };

test('a number is added with its reason and until when, and found by Check in another spelling', async () => {
  await start();
  expect(await execute('check', { phoneNumber: '+14155550100' })).toEqual({
    phone_number: '+14155550100',
    do_not_call: false,
    ...nothing,
  });
  const options = { reason: 'Asked by e-mail', until: '2026-12-24T10:00:00' };
  const added = await execute('add', { phoneNumber: '+1 (415) 555-0100', options });
  expect(added).toEqual({
    phone_number: '+14155550100',
    do_not_call: true,
    reason: 'Asked by e-mail',
    source: 'n8n',
    // Entered in the workflow's zone, Vienna.
    until: '2026-12-24T09:00:00.000Z',
    added_at: expect.any(String),
  });
  const national = { phoneNumber: '(415) 555-0100', options: { defaultCountry: 'US' } };
  expect(await execute('check', national)).toEqual(added);
});

test('an entry that has run out is shown, and no longer forbids calls', async () => {
  await start();
  await execute('add', { phoneNumber: '+14155550100', options: { until: '2026-11-23T14:00:00' } });
  await server.advance(2 * 3600_000);
  expect(await execute('check', { phoneNumber: '+14155550100' })).toMatchObject({
    do_not_call: false,
    until: '2026-11-23T13:00:00.000Z',
  });
});

test.each(['add', 'check'])('%s refuses a number that no phone has, in words', async (operation) => {
  await start();
  await expect(execute(operation, { phoneNumber: '12' })).rejects.toThrow(/^Phone Number: /);
});

test.each(['add', 'check'])('%s says so where the server has no list', async (operation) => {
  await start({ EXTENSIONS: '' });
  await expect(execute(operation, { phoneNumber: '+14155550100' })).rejects.toThrow(
    'This server has no do-not-call list',
  );
});
