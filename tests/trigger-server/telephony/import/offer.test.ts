/** GET /organizations/telephony-configs/{config_id}/remote-agents and caller-ids, with a loopback Dograh. */
import type { ImportedAgents } from '@dograh-trigger/shared';
import { addCarrier, addPhoneNumber, configurationsPath } from '../../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import {
  dograhAgent,
  dograhNumber,
  dograhSettings,
  startDograh,
  type LoopbackDograh,
} from '../../../support/vendors/dograh';

let vendor: LoopbackDograh;
let server: TestServer;
let account: Account;
let path: string;
let accountId: number;
beforeEach(async () => {
  vendor = await startDograh();
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
  const config = { provider: 'dograh', ...dograhSettings(vendor) };
  accountId = (await addCarrier(server, account, config, { name: 'Dograh' })).id;
  path = `${configurationsPath}/${String(accountId)}`;
});
afterEach(async () => {
  await server.close();
  await vendor.close();
});

const get = (list: string) => server.request.get(`${path}/${list}`).set('X-API-Key', account.apiKey);

test('the agents there are listed, each with the agent here that hands its calls over to it', async () => {
  const other = 'c0ffee00-1111-4222-8333-444455556666';
  const start = {
    id: 'a',
    type: 'startCall',
    position: { x: 0, y: 0 },
    data: { name: 'Start', prompt: 'x' },
  };
  vendor.state.versions.set(4, [{ status: 'published', workflow_json: { nodes: [start], edges: [] } }]);
  const imported = await server.request
    .post(`${path}/import-agents`)
    .set('X-API-Key', account.apiKey)
    .send({})
    .expect(200);
  const [{ id } = { id: 0 }] = (imported.body as ImportedAgents).created;
  vendor.state.agents.push({ id: 5, name: 'Survey', workflow_uuid: other });
  expect((await get('remote-agents').expect(200)).body).toEqual({
    agents: [
      { name: 'Reminder', remote_uuid: dograhAgent, agent_id: id },
      { name: 'Survey', remote_uuid: other, agent_id: null },
    ],
  });
});

test('the numbers there are listed, with the id by which a call here names one', async () => {
  const listed = (phoneNumberId: number | null) => ({
    caller_ids: [
      {
        address: dograhNumber.address,
        telephony_configuration_id: dograhNumber.accountId,
        telephony_configuration_name: 'Main',
        phone_number_id: phoneNumberId,
      },
    ],
  });
  expect((await get('caller-ids').expect(200)).body).toEqual(listed(null));
  const { id } = await addPhoneNumber(server, account, accountId, { address: dograhNumber.address });
  expect((await get('caller-ids').expect(200)).body).toEqual(listed(id));
});

test.each(['remote-agents', 'caller-ids'])(
  '%s of a Dograh that cannot be read is a 503 in words',
  async (list) => {
    vendor.state.isKeyValid = false;
    expect((await get(list).expect(503)).body).toMatchObject({
      code: 'carrier_unreachable',
      detail: expect.stringContaining('of Dograh could not be read') as unknown,
    });
  },
);
