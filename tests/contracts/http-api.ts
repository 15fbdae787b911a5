/**
 * The contract of the trigger API, for any server that implements it: the bundled one, or real Dograh. It needs a
 * key, an agent with a trigger, and telephony that may call `phoneNumber`. It places a handful of calls.
 */
import {
  agentListItem,
  authenticatedUser,
  health,
  problem,
  run,
  telephonyConfigurationList,
  triggerReply,
  user,
} from '@dograh-trigger/shared';
import * as z from 'zod';

export interface ServerUnderTest {
  /** With or without `/api/v1`. */
  baseUrl: string;
  apiKey: string;
  triggerUuid: string;
  agentUuid: string;
  /** A number that may be called. */
  phoneNumber: string;
}

export function httpApiContract(serverName: string, make: () => Promise<ServerUnderTest>): void {
  describe(`HTTP API: ${serverName}`, () => {
    let server: ServerUnderTest;
    beforeAll(async () => {
      server = await make();
    });

    async function send(method: string, path: string, options: { key?: string | null; body?: unknown } = {}) {
      const { key = server.apiKey, body } = options;
      const base = server.baseUrl.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
      const reply = await fetch(`${base}/api/v1${path}`, {
        method,
        redirect: 'manual',
        headers: { ...(key === null ? {} : { 'X-API-Key': key }), 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await reply.text();
      return { status: reply.status, json: JSON.parse(text) as unknown };
    }

    const call = () => ({ phone_number: server.phoneNumber, initial_context: { user: { name: 'Jane' } } });

    test.each([
      ['production by trigger path', () => `/public/agent/${server.triggerUuid}`, /^WR-API-/],
      ['test by trigger path', () => `/public/agent/test/${server.triggerUuid}`, /^WR-TEST-/],
      ['production by agent UUID', () => `/public/agent/workflow/${server.agentUuid}`, /^WR-API-/],
      ['test by agent UUID', () => `/public/agent/test/workflow/${server.agentUuid}`, /^WR-TEST-/],
    ])('200: %s starts a call, and the run can be read by its id', async (_name, path, name) => {
      const reply = await send('POST', path(), { body: call() });
      expect(reply.status).toBe(200);
      const placed = z.strictObject(triggerReply.shape).parse(reply.json);
      expect(placed.status).toBe('initiated');
      expect(placed.workflow_run_name).toMatch(name);

      const found = await send('GET', `/workflow/0/runs/${String(placed.workflow_run_id)}`);
      expect(found.status).toBe(200);
      expect(run.parse(found.json)).toMatchObject({
        id: placed.workflow_run_id,
        name: placed.workflow_run_name,
        initial_context: { user: { name: 'Jane' }, direction: 'outbound', called_number: server.phoneNumber },
      });
    });

    test('401: an unknown key', async () => {
      const reply = await send('POST', `/public/agent/${server.triggerUuid}`, {
        key: `dgr_${'x'.repeat(43)}`,
        body: call(),
      });
      expect(reply).toMatchObject({ status: 401, json: { detail: 'Invalid API key' } });
    });

    test('a missing key is 401, or 422 at the header', async () => {
      const reply = await send('POST', `/public/agent/${server.triggerUuid}`, { key: null, body: call() });
      const { detail } = problem.parse(reply.json);
      if (reply.status === 401) expect(detail).toBe('Missing API key');
      else
        expect({ status: reply.status, detail }).toMatchObject({
          status: 422,
          detail: [{ loc: ['header', 'X-API-Key'] }],
        });
    });

    test('404: an unknown trigger, an unknown agent, an unknown run', async () => {
      const nobody = '00000000-0000-4000-8000-000000000000';
      expect(await send('POST', `/public/agent/${nobody}`, { body: call() })).toMatchObject({
        status: 404,
        json: { detail: 'Agent trigger not found' },
      });
      expect(await send('POST', `/public/agent/workflow/${nobody}`, { body: call() })).toMatchObject({
        status: 404,
        json: { detail: 'Workflow not found' },
      });
      expect(await send('GET', '/workflow/0/runs/2147483647')).toMatchObject({
        status: 404,
        json: { detail: 'Workflow run not found' },
      });
    });

    test('404: a telephony configuration that does not exist', async () => {
      const reply = await send('POST', `/public/agent/${server.triggerUuid}`, {
        body: { ...call(), telephony_configuration_id: 2_147_483_647 },
      });
      expect(reply).toMatchObject({ status: 404, json: { detail: 'Telephony configuration not found' } });
    });

    test.each([
      ['no phone number', {}, ['body', 'phone_number']],
      ['a phone number as a number', { phone_number: 14155550100 }, ['body', 'phone_number']],
      [
        'a context that is a list',
        { phone_number: '+14155550100', initial_context: [] },
        ['body', 'initial_context'],
      ],
    ])('422: %s', async (_name, body, loc) => {
      const reply = await send('POST', `/public/agent/${server.triggerUuid}`, { body });
      expect(reply.status).toBe(422);
      expect(problem.parse(reply.json).detail).toMatchObject([{ loc }]);
    });

    test.each([
      ['/health', health],
      ['/user/auth/user', authenticatedUser],
      ['/auth/me', user],
      ['/workflow/fetch?status=active', z.array(agentListItem)],
      ['/organizations/telephony-configs', telephonyConfigurationList],
    ])('GET %s matches the contract', async (path, schema) => {
      const reply = await send('GET', path);
      expect(reply.status).toBe(200);
      expect(schema.safeParse(reply.json).error?.issues ?? []).toEqual([]);
    });
  });
}
