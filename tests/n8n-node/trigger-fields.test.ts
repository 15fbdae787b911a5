/** The fields of the node reach the fields of the request. */
import { wireRequest } from '@dograh-trigger/shared';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { standInAgentUuid, startStandIn, type StandIn } from '../support/dograh-stand-in';
import { n8nContext } from '../support/n8n-context';
import { triggerFields, type TriggerField } from '../support/trigger-fields';

let server: StandIn;

beforeEach(async () => {
  server = await startStandIn({ extensions: ['scheduling'] });
});

afterEach(() => server.close());

const settable = (Object.keys(triggerFields) as TriggerField[]).filter(
  (field) => triggerFields[field].n8n !== null,
);

test.each(settable)('the node sends %s as the client does', async (field) => {
  const { n8n, client } = triggerFields[field];
  const agent = { __rl: true, mode: 'list', value: standInAgentUuid };
  const parameters = { operation: 'place', agent, phoneNumber: '+14155550100', ...n8n };
  await new Dograh().execute.call(n8nContext({ baseUrl: server.url, apiKey: 'dgr_fields', parameters }));
  const expected = wireRequest({
    target: { agentUuid: standInAgentUuid },
    environment: 'production',
    phoneNumber: '+14155550100',
    ...client,
  })[field];
  const sent = JSON.parse(server.dials()[0]?.body.toString('utf8') ?? '') as Record<string, unknown>;
  expect(sent).toHaveProperty(field);
  expect([sent[field]]).toMatchObject([expected]);
});
