/** Sets up telephony through the API. */
import type { PhoneNumber, TelephonyConfiguration } from '@dograh-trigger/shared';
import type { Account, TestServer } from './test-server';
import { accountSid, authToken } from './vendors/twilio';

export const configurationsPath = '/api/v1/organizations/telephony-configs';

type Caller = Pick<TestServer, 'request'>;
type Key = Pick<Account, 'apiKey'>;

/** Adds a sandbox configuration. */
export async function addConfiguration(
  server: TestServer,
  account: Account,
  options: { name: string; is_default_outbound?: boolean },
): Promise<TelephonyConfiguration> {
  const reply = await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({ ...options, config: { provider: 'sandbox' } })
    .expect(200);
  return reply.body as TelephonyConfiguration;
}

/** Adds a phone number to a configuration. */
export async function addPhoneNumber(
  server: Caller,
  account: Key,
  configurationId: number,
  options: { address: string; is_active?: boolean; is_default_caller_id?: boolean },
): Promise<PhoneNumber> {
  const reply = await server.request
    .post(`${configurationsPath}/${String(configurationId)}/phone-numbers`)
    .set('X-API-Key', account.apiKey)
    .send(options)
    .expect(200);
  return reply.body as PhoneNumber;
}

interface CarrierOptions {
  name: string;
  is_default_outbound?: boolean;
  number?: string;
}

/** Adds a Twilio configuration with a phone number. Its host is set by `TWILIO_API_BASE_URL`. */
export function addTwilio(
  server: TestServer,
  account: Account,
  options: CarrierOptions,
): Promise<TelephonyConfiguration> {
  const config = { provider: 'twilio', account_sid: accountSid, auth_token: authToken };
  return addCarrier(server, account, config, options);
}

/** Adds a configuration with a phone number. @param config its provider and the settings of that. */
export async function addCarrier(
  server: Caller,
  account: Key,
  config: { provider: string },
  { number, ...configuration }: CarrierOptions,
): Promise<TelephonyConfiguration> {
  const reply = await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({ ...configuration, config })
    .expect(200);
  const created = reply.body as TelephonyConfiguration;
  if (number !== undefined) await addPhoneNumber(server, account, created.id, { address: number });
  return created;
}

/** Changes columns of a stored configuration that no route can change, for example to a removed provider. */
export async function alterConfiguration(
  { services }: TestServer,
  id: number,
  columns: {
    provider?: string;
    credentials?: string;
    inactive_since?: string | null;
    inactive_reason?: string;
  },
): Promise<void> {
  await services.storage.write((session) =>
    session.run(
      session.builder.updateTable('telephony_configurations').set(columns).where('id', '=', id).compile(),
    ),
  );
}
