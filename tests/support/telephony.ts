/** Telephony set up through the API, for tests that need some. */
import type { PhoneNumber, TelephonyConfiguration } from '@dograh-trigger/shared';
import type { Account, TestServer } from './test-server';
import { accountSid, authToken } from './vendors/twilio';

export const configurationsPath = '/api/v1/organizations/telephony-configs';

/** Adds a sandbox configuration. */
export async function addConfiguration(
  server: TestServer,
  account: Account,
  values: { name: string; is_default_outbound?: boolean },
): Promise<TelephonyConfiguration> {
  const reply = await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({ ...values, config: { provider: 'sandbox' } })
    .expect(200);
  return reply.body as TelephonyConfiguration;
}

/** Adds a phone number to a configuration. */
export async function addPhoneNumber(
  server: TestServer,
  account: Account,
  configurationId: number,
  values: { address: string; is_active?: boolean; is_default_caller_id?: boolean },
): Promise<PhoneNumber> {
  const reply = await server.request
    .post(`${configurationsPath}/${String(configurationId)}/phone-numbers`)
    .set('X-API-Key', account.apiKey)
    .send(values)
    .expect(200);
  return reply.body as PhoneNumber;
}

/** Twilio as the tests know it; its own host is whatever `TWILIO_API_BASE_URL` says. With a number it can call. */
export async function addTwilio(
  server: TestServer,
  account: Account,
  values: { name: string; is_default_outbound?: boolean; number?: string },
): Promise<TelephonyConfiguration> {
  const { number, ...configuration } = values;
  const config = { provider: 'twilio', account_sid: accountSid, auth_token: authToken };
  const reply = await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({ ...configuration, config })
    .expect(200);
  const created = reply.body as TelephonyConfiguration;
  if (number !== undefined) await addPhoneNumber(server, account, created.id, { address: number });
  return created;
}

/** Changes columns of a stored configuration that no route changes, such as those of a carrier that was removed. */
export async function alterConfiguration(
  { services }: TestServer,
  id: number,
  columns: { provider?: string; credentials?: string; inactive_since?: string; inactive_reason?: string },
): Promise<void> {
  await services.storage.write((session) =>
    session.run(
      session.builder.updateTable('telephony_configurations').set(columns).where('id', '=', id).compile(),
    ),
  );
}
