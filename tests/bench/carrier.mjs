/**
 * The trigger route with a real provider and a loopback carrier, compared with the proxy that an Express developer would
 * write for the same outbound POST. Both are measured in turns within one run. Prints a table and JSON, and fails below
 * its target ratio.
 */
import { createServer } from 'node:net';
import { join } from 'node:path';
import Libsql from 'libsql';
import { apiKey, compare, judge, withProcesses } from './measure.mjs';

/** The server's public base URL contains its port, so the port must be known before it starts. */
async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function post(url, body) {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`POST ${url}: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

await withProcesses(async ({ start, startServer, folder }) => {
  const carrier = await start('./loopback-twilio.cjs');
  const port = await freePort();
  const server = await startServer({
    PORT: String(port),
    PUBLIC_BASE_URL: `http://127.0.0.1:${port}`,
    TWILIO_API_BASE_URL: carrier.url,
  });
  const trigger = new URL(/POST (\S+)/.exec(server.output)[1]);
  const configurations = `${trigger.origin}/api/v1/organizations/telephony-configs`;
  const { id } = await post(configurations, {
    name: 'Loopback carrier',
    is_default_outbound: true,
    config: { provider: 'twilio', account_sid: `AC${'0'.repeat(32)}`, auth_token: '0'.repeat(32) },
  });
  await post(`${configurations}/${id}/phone-numbers`, { address: '+14155550123' });
  const proxy = await start('./forwarding-server.cjs', [carrier.url]);
  // The loopback carrier never reports, so unfinished calls would exceed any organization's limit. They are ended
  // between the turns, which are short.
  const database = new Libsql(join(folder, 'bench.db'), { timeout: 5000 });
  const endCalls = () =>
    database.exec(
      "UPDATE runs SET status = 'completed', completed_at = created_at WHERE completed_at IS NULL",
    );
  const measured = await compare(
    { name: 'trigger through the carrier', url: trigger.href, cpu: server.cpu },
    { name: 'proxy', url: `${proxy.url}/forward`, cpu: proxy.cpu },
    { seconds: 1, turnsEach: 15, afterTurn: endCalls },
  );
  database.close();
  judge('The trigger route through a carrier', measured, 0.7);
});
