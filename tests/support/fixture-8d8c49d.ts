/** The contents of the fixture database, which the server of commit 8d8c49d wrote (see tests/fixtures/README.md). */
import { join } from 'node:path';
import type { TestAgent } from './agents';
import type { Account } from './test-server';

export const database = join(__dirname, '../fixtures/8d8c49d.db');
/** The key that encrypts the credentials and secrets in it; the same as the test server's. */
export const secretsKey = '5e'.repeat(32);

/** API keys of its organizations 1, 2 (archived) and 3. */
export const demoKey = `dgr_${'d'.repeat(43)}`;
export const archivedKey = 'dgr_s5axx1yNHnjr2TKGtxgNo-VSk-YDcWAsthT8GuewmOA';
export const foreignKey = 'dgr_7BboCq-nCvsq2uN6pml-W5zPwZ4wYqZ8jrwhlgD6UM4';
export const account: Account = {
  apiKey: 'dgr_GyEspmDHsFa2w8tLGRvZtJ4odqYIPaCR2Wp97b_aR8M',
  token: '',
  organizationId: 2,
  userId: 2,
};
export const login = { email: 'user1@example.com', password: 'correct horse' };

/** Published twice and then changed: the draft has another greeting. */
export const reminder: TestAgent = {
  id: 3,
  uuid: '606cbbac-f311-456e-8dd3-19df6d2874d0',
  triggerPath: 'aecb922f-ac27-4e77-b49c-f422491d33e5',
};
export const plain: TestAgent = {
  id: 8,
  uuid: 'ac089d29-8f9b-47c9-ab37-7c6443d01fab',
  triggerPath: 'b6c5284e-6c7b-47bb-961e-8d309cea10cc',
};
/** Inactive triggers. */
export const archivedPath = 'ab643652-9ecd-4d31-a226-05825b3a413e';
export const disabledPath = 'c26fb62e-d9cf-4a42-a132-f722d7b7dbb3';
export const bearerCredential = '1b98a3ad-8953-4ba0-9bc1-287d445d9e1f';

/** The context of most of its calls. */
export const jane = { user: { name: 'Jane' }, order: 7 };
/** Its Twilio account, with its number. */
export const viaTwilio = { telephony_configuration_id: 4, from_phone_number_id: 1 };
/** In progress when the server stopped; the dial of the last one was not answered yet. */
export const unfinished = [18, 19, 20, 21, 22, 23];

/** Id, status, disposition, carrier, recording, and artifacts_ready. */
export const runs: [number, string, string | undefined, string, string | null, boolean][] = [
  [1, 'completed', 'end_call_tool', 'sandbox', 'recordings/1.wav', true],
  [2, 'error', 'error', 'sandbox', null, true],
  [3, 'busy', 'busy', 'sandbox', null, true],
  [4, 'no-answer', 'no-answer', 'sandbox', null, true],
  [5, 'failed', 'failed', 'sandbox', null, true],
  [6, 'canceled', 'canceled', 'sandbox', null, true],
  [7, 'completed', 'voicemail_detected', 'sandbox', 'recordings/7.wav', true],
  [8, 'completed', 'end_call_tool', 'sandbox', 'recordings/8.wav', true],
  [9, 'completed', 'end_call_tool', 'sandbox', 'recordings/9.wav', true],
  [10, 'completed', 'sold', 'sandbox', null, true],
  [11, 'completed', 'user_hangup', 'twilio', null, false],
  [12, 'error', 'error', 'twilio', null, true],
  [13, 'error', 'error', 'twilio', null, true],
  [14, 'completed', 'end_call_tool', 'sandbox', null, false],
  [18, 'ringing', undefined, 'twilio', null, false],
  [19, 'initiated', undefined, 'twilio', null, false],
  [20, 'answered', undefined, 'sandbox', null, false],
  [21, 'ringing', undefined, 'sandbox', null, false],
  [22, 'initiated', undefined, 'sandbox', null, false],
  [23, 'initiated', undefined, 'twilio', null, false],
];

/** Key, trigger and body of calls with an idempotency key, less than a day before the test server's clock. */
export const keyedCalls: [string, string, object][] = [
  ['key-refused', reminder.triggerPath, { phone_number: '+15005550001', initial_context: jane }],
  ['key-busy', reminder.triggerPath, { phone_number: '+15005550011', initial_context: jane }],
  ['key-draft', `test/${reminder.triggerPath}`, { phone_number: '+14155550102', initial_context: jane }],
  ['key-twilio', reminder.triggerPath, { phone_number: '+14155550110', initial_context: jane, ...viaTwilio }],
  ['key-twilio-refused', reminder.triggerPath, { phone_number: '+14155550111', ...viaTwilio }],
  ['key-lost', plain.triggerPath, { phone_number: '+14155550112', ...viaTwilio }],
  ['key-ringing', reminder.triggerPath, { phone_number: '+14155550130', ...viaTwilio }],
  ['key-unknown', reminder.triggerPath, { phone_number: '+14155550131', ...viaTwilio }],
  ['key-initiated', plain.triggerPath, { phone_number: '+14155550134' }],
  [
    'key-in-flight',
    reminder.triggerPath,
    { phone_number: '+14155550135', initial_context: jane, ...viaTwilio },
  ],
];
