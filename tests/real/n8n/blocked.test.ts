/** An n8n that blocks requests to internal addresses: the node's error says that nothing was dialled. */
import { startDograh, type Dograh } from './dograh';
import { startN8n, type N8n } from './n8n';
import { isN8n1, losesCauses, testIf } from './version';
import { createWorkflow, dograhNodeType, retryExecution, runWorkflow, startWith } from './workflows';

let n8n: N8n;
let dograh: Dograh;

beforeAll(async () => {
  n8n = await startN8n({ N8N_SSRF_PROTECTION_ENABLED: 'true' });
  dograh = await startDograh();
}, 1_800_000);

afterAll(async () => {
  await dograh.stop();
  await n8n.stop();
});

const testBlocked = testIf(
  !isN8n1 && !losesCauses,
  isN8n1
    ? 'blocked, because n8n 1 blocks no internal addresses.'
    : 'blocked, because this n8n does not tell the node that it was n8n who blocked.',
);

testBlocked.each([
  ['by its address', (url: string) => url],
  ['by its name', (url: string) => url.replace('127.0.0.1', 'localhost')],
])('a server that n8n blocks %s is unreachable at each try, with n8n’s message', async (_, as) => {
  const { apiKey, baseUrl } = dograh.credential;
  const dograhApi = await n8n.createCredential('dograhApi', { apiKey, baseUrl: as(baseUrl) });
  const workflow = await createWorkflow(n8n, [
    startWith({}),
    {
      name: 'Place a call',
      type: dograhNodeType,
      credentials: { dograhApi },
      parameters: {
        agent: { __rl: true, mode: 'list', value: dograh.agent.uuid },
        phoneNumber: '+14155550101',
      },
    },
  ]);
  const first = await runWorkflow(n8n, workflow);
  const second = await retryExecution(n8n, first.id);
  for (const { error } of [first, second]) {
    expect(error?.message).toMatch(
      /cannot be reached: The request was blocked.* allowlist .*This call was not placed\. \[item 0\]$/,
    );
  }
  expect(dograh.requests).toEqual([]);
});
