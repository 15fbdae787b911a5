import { httpApiContract } from '../contracts/http-api';
import { readyToCall } from '../support/agents';
import { startTestServer, type TestServer } from '../support/test-server';

const servers: TestServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
});

function onBundledServer(environment: Record<string, string>) {
  return async () => {
    const server = await startTestServer(environment);
    servers.push(server);
    const { account, agent } = await readyToCall(server);
    return {
      baseUrl: server.baseUrl,
      apiKey: account.apiKey,
      triggerUuid: agent.triggerPath,
      agentUuid: agent.uuid,
      phoneNumber: '+14155550100',
    };
  };
}

httpApiContract('the bundled server', onBundledServer({}));
httpApiContract('the bundled server as plain Dograh', onBundledServer({ EXTENSIONS: '' }));
