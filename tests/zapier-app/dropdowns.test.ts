import { listAgentsStep } from '../../zapier-app/src/triggers/list-agents';
import { listPhoneNumbersStep } from '../../zapier-app/src/triggers/list-phone-numbers';
import { listTelephonyConfigurationsStep } from '../../zapier-app/src/triggers/list-telephony-configurations';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { failureOf, makeBundle, runStep } from '../support/zapier';

const created = { created_at: '2026-08-22T03:04:05Z', updated_at: '2026-08-22T03:04:05Z' };
const replies: Record<string, unknown> = {
  '/api/v1/organizations/telephony-configs': {
    configurations: [
      { id: 4, name: 'Main', provider: 'sandbox', is_default_outbound: true, ...created },
      { id: 5, name: 'Old', provider: 'sandbox', is_default_outbound: false, inactive: true, ...created },
    ],
  },
  '/api/v1/organizations/telephony-configs/4/phone-numbers': {
    phone_numbers: [
      phoneNumber(1, '+14155550100', 'Front desk', true),
      phoneNumber(2, '+14155550101', null, true),
      phoneNumber(3, '+14155550102', null, false),
    ],
  },
};

function phoneNumber(id: number, address: string, label: string | null, isActive: boolean) {
  return {
    id,
    telephony_configuration_id: 4,
    address,
    address_normalized: address,
    address_type: 'pstn',
    label,
    is_active: isActive,
    is_default_caller_id: false,
    extra_metadata: {},
    ...created,
  };
}

let server: LocalServer;
let agents: object[];

beforeEach(async () => {
  agents = [
    { id: 8, name: 'Reminder', status: 'active', ...created, workflow_uuid: 'uuid-8' },
    { id: 7, name: 'Collector', status: 'active', ...created, workflow_uuid: 'uuid-7' },
  ];
  server = await startLocalServer(({ url }, response) => {
    const reply = url === '/api/v1/workflow/fetch?status=active' ? agents : replies[url];
    replyJson(response, reply === undefined ? 404 : 200, reply ?? { detail: 'Not Found' });
  });
});

afterEach(async () => {
  await server.close();
});

test('agents are sorted by name, with the route by agent UUID as the value', async () => {
  expect(await runStep(listAgentsStep, makeBundle(server.url))).toEqual([
    { id: 'workflow/uuid-7', name: 'Collector' },
    { id: 'workflow/uuid-8', name: 'Reminder' },
  ]);
});

test('two agents with the same name are shown with their numbers', async () => {
  agents = [7, 8, 9].map((id) => ({
    id,
    name: id === 9 ? 'Collector' : 'Reminder',
    status: 'active',
    ...created,
    workflow_uuid: `uuid-${id}`,
  }));
  expect(await runStep(listAgentsStep, makeBundle(server.url))).toEqual([
    { id: 'workflow/uuid-9', name: 'Collector' },
    { id: 'workflow/uuid-7', name: 'Reminder (number 7)' },
    { id: 'workflow/uuid-8', name: 'Reminder (number 8)' },
  ]);
});

test('the second page of a dropdown is empty, so that the editor stops asking', async () => {
  expect(await runStep(listAgentsStep, makeBundle(server.url, {}, { page: 1 }))).toEqual([]);
  expect(server.requests).toEqual([]);
});

test('inactive telephony configurations are not offered', async () => {
  expect(await runStep(listTelephonyConfigurationsStep, makeBundle(server.url))).toEqual([
    { id: '4', name: 'Main' },
  ]);
});

test.each([4, '4'])('the active numbers of the chosen configuration (%j) are offered', async (id) => {
  const bundle = makeBundle(server.url, { telephony_configuration_id: id });
  expect(await runStep(listPhoneNumbersStep, bundle)).toEqual([
    { id: '1', name: 'Front desk (+14155550100)' },
    { id: '2', name: '+14155550101' },
  ]);
});

test('without a chosen configuration the numbers of the default one are offered', async () => {
  expect(await runStep(listPhoneNumbersStep, makeBundle(server.url))).toEqual([
    { id: '1', name: 'Front desk (+14155550100)' },
    { id: '2', name: '+14155550101' },
  ]);
});

test('an invalid mapped configuration is an error that says what to do', async () => {
  const bundle = makeBundle(server.url, { telephony_configuration_id: '{{123__id}}' });
  expect(await failureOf(runStep(listPhoneNumbersStep, bundle))).toMatchObject({
    name: 'HaltedError',
    message: expect.stringContaining('Telephony Configuration: choose one from the list') as string,
  });
});
