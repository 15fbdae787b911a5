/** 1,000 calls through this node and through n8n's HTTP Request node with the same batching: `npm run bench:n8n`. */
import { replyPlaced, standInAgentUuid, startStandIn, type StandIn } from '../../support/dograh-stand-in';
import { startN8n, type N8n } from './n8n';
import { createWorkflow, dograhNodeType, runWorkflow, startWith, type TestNode } from './workflows';

const itemCount = 1000;
const rounds = 5;
const answerMilliseconds = 20;
const batching = { batch: { batchSize: 50, batchInterval: 100 } };

let n8n: N8n;
let server: StandIn;

beforeAll(async () => {
  n8n = await startN8n();
  server = await startStandIn({
    trigger(response, count) {
      setTimeout(() => {
        replyPlaced(response, count);
      }, answerMilliseconds);
    },
  });
}, 1_800_000);

afterAll(async () => {
  await server.close();
  await n8n.stop();
});

function median(values: number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN;
}

test(`${String(itemCount)} items in batches of ${String(batching.batch.batchSize)}`, async () => {
  const dograhApi = await n8n.createCredential('dograhApi', { baseUrl: server.url, apiKey: 'dgr_bench' });
  const nodes: TestNode[] = [
    {
      name: 'Dograh',
      type: dograhNodeType,
      credentials: { dograhApi },
      parameters: {
        agent: { __rl: true, mode: 'agentUuid', value: standInAgentUuid },
        phoneNumber: '={{ $json.phone }}',
        specifyVariables: 'json',
        options: { batching },
      },
    },
    {
      name: 'HTTP Request',
      type: 'n8n-nodes-base.httpRequest',
      typeVersion: 4.2,
      credentials: { dograhApi },
      parameters: {
        method: 'POST',
        url: `${server.url}/api/v1/public/agent/workflow/${standInAgentUuid}`,
        authentication: 'predefinedCredentialType',
        nodeCredentialType: 'dograhApi',
        sendBody: true,
        specifyBody: 'json',
        jsonBody: '={{ { phone_number: $json.phone, initial_context: {} } }}',
        options: { batching },
      },
    },
  ];
  const items = Array.from({ length: itemCount }, (_, index) => ({
    phone: `+1415555${String(1000 + index)}`,
  }));
  const workflows = await Promise.all(nodes.map((node) => createWorkflow(n8n, [startWith(...items), node])));

  const milliseconds: number[][] = nodes.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, node] of nodes.entries()) {
      const dialsBefore = server.dials().length;
      const execution = await runWorkflow(n8n, workflows[index] ?? '');
      expect(execution.items(node.name)).toHaveLength(itemCount);
      expect(server.dials().length - dialsBefore).toBe(itemCount);
      milliseconds[index]?.push(execution.milliseconds(node.name));
    }
  }
  const [ours = NaN, theirs = NaN] = milliseconds.map(median);
  const result = {
    items: itemCount,
    ...batching.batch,
    answerMilliseconds,
    rounds,
    dograhMilliseconds: ours,
    httpRequestMilliseconds: theirs,
    ratio: Number((ours / theirs).toFixed(3)),
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}, 600_000);
