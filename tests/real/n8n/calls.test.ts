/** The packed node in a real n8n against the real server: what is dialled, counted at the server. `npm run test:n8n` */
import { startDograh, type Dograh } from './dograh';
import { startN8n, type N8n } from './n8n';
import { createWorkflow, retryExecution, runWorkflow, startWith, type TestNode } from './workflows';

let n8n: N8n;

beforeAll(async () => {
  n8n = await startN8n();
}, 1_800_000);

afterAll(() => n8n.stop());

describe.each([
  ['with our extensions', {}],
  ['as plain Dograh', { EXTENSIONS: '' }],
])('%s', (mode, environment: Record<string, string>) => {
  const keepsKeys = !('EXTENSIONS' in environment);
  let dograh: Dograh;
  let credential: { id: string; name: string };

  beforeAll(async () => {
    dograh = await startDograh(environment);
    credential = (await n8n.rest('POST', '/credentials', {
      name: `Dograh ${mode}`,
      type: 'dograhApi',
      data: dograh.credential,
    })) as typeof credential;
  });

  afterAll(() => dograh.stop());

  test('one', async () => {
    const workflow = await createWorkflow(n8n, [
      startWith([{ phone: '+14155550100' }]),
      {
        name: 'Place a call',
        type: 'n8n-nodes-dograh.dograh',
        credentials: { dograhApi: credential },
        parameters: {
          agent: { __rl: true, mode: 'list', value: dograh.agent.uuid },
          phoneNumber: '={{ $json.phone }}',
        },
      },
    ]);
    const execution = await runWorkflow(n8n, workflow);
    console.log(JSON.stringify(execution.items('Place a call')), execution.status, await dograh.dials(), dograh.requests.map(r=>[r.method,r.url, r.headers]));
  });
});
