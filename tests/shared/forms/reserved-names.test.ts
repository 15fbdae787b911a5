import { rejectionOf } from '../../support/caught';
import { call, placed } from '../../support/client-answers';
import { scriptedClient } from '../../support/scripted-client';

test.each(['telephony_configuration_id', 'provider', 'workflow_uuid', 'runtime_configuration', 'direction'])(
  'the reserved variable %s is refused by name without a request',
  async (name) => {
    const { client, requests } = scriptedClient([]);
    const error = await rejectionOf(client.triggerCall({ ...call, initialContext: { day: 'x', [name]: 7 } }));
    expect(error).toMatchObject({ code: 'invalid_input' });
    expect(error.message).toContain(`The variable ${name} was not sent`);
    expect(requests).toEqual([]);
  },
);

test('reserved names inside a value, and names that the server overwrites, are sent', async () => {
  const { client, requests } = scriptedClient([placed]);
  const initialContext = { crm: { provider: 'x' }, phone_number: '+14155550100', called_number: '1' };
  await client.triggerCall({ ...call, initialContext });
  expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({ initial_context: initialContext });
});
