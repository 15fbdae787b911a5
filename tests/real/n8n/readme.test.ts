/**
 * The commands of the README's section Install, in a copy of the checkout: n8n has the node, and the node places a
 * call.
 */
import { startDograh, type Dograh } from './dograh';
import { startN8n, type N8n } from './n8n';
import { installAsReadmeSays } from './package';
import { createWorkflow, dograhNodeType, runWorkflow, startWith } from './workflows';

const phone = '+14155550101';

let dograh: Dograh;
let n8n: N8n;

beforeAll(async () => {
  dograh = await startDograh();
  n8n = await startN8n({}, installAsReadmeSays);
}, 1_800_000);

afterAll(async () => {
  await n8n.stop();
  await dograh.stop();
});

test('the node that the README’s lines install places a call', async () => {
  const workflow = await createWorkflow(n8n, [
    startWith({ phone }),
    {
      name: 'Place a call',
      type: dograhNodeType,
      credentials: { dograhApi: await n8n.createCredential('dograhApi', dograh.credential) },
      parameters: {
        agent: { __rl: true, mode: 'list', value: dograh.agent.uuid },
        phoneNumber: '={{ $json.phone }}',
      },
    },
  ]);
  const execution = await runWorkflow(n8n, workflow);
  expect(execution.items('Place a call')).toMatchObject([
    { json: { status: 'initiated', phone_number: phone } },
  ]);
  expect(await dograh.dials()).toEqual({ [phone]: 1 });
});
