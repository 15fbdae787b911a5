/** An organization that can call through the sandbox and through a carrier with scripted answers. */
import type { ServerResponse } from 'node:http';
import { readyToCall, type TestAgent } from '../../support/agents';
import { replyJson, startLocalServer } from '../../support/local-server';
import { addPhoneNumber, configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { accountSid, authToken } from '../../support/vendors/twilio';

export interface Caller {
  server: TestServer;
  account: Account;
  agent: TestAgent;
  /** The telephony configuration of the scripted carrier. */
  lineId: number;
  /** The carrier's answer to a dial, and its answer to any other request about a call. */
  carrier: { onDial: (response: ServerResponse) => void; onCall: (response: ServerResponse) => void };
  close(): Promise<void>;
}

export async function startCaller(): Promise<Caller> {
  let calls = 0;
  const carrier: Caller['carrier'] = {
    onDial: (response) => {
      calls += 1;
      replyJson(response, 201, { sid: `CA${calls}` });
    },
    onCall: (response) => {
      replyJson(response, 200, {});
    },
  };
  const local = await startLocalServer(({ url }, response) => {
    if (url.endsWith('/Calls.json')) carrier.onDial(response);
    else if (url.includes('/Calls/')) carrier.onCall(response);
    else replyJson(response, 503, {});
  });
  const server = await startTestServer({
    PUBLIC_BASE_URL: 'https://calls.example.test',
    SIGNUP_ENABLED: 'true',
    DEFAULT_ORG_CONCURRENCY_LIMIT: '1000',
    TWILIO_API_BASE_URL: local.url,
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
  });
  const { account, agent } = await readyToCall(server);
  const line = await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({ name: 'Line', config: { provider: 'twilio', account_sid: accountSid, auth_token: authToken } })
    .expect(200);
  const { id: lineId } = line.body as { id: number };
  await addPhoneNumber(server, account, lineId, { address: '+14155550123' });
  return {
    server,
    account,
    agent,
    lineId,
    carrier,
    async close() {
      await server.close();
      await local.close();
    },
  };
}
