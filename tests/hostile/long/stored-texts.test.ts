/** Stored texts are processed again and again: an agent full of hostile texts, and a run with a hostile context. */
import { texts } from '../../support/hostile/fillings';
import { faultsOf, type Step } from '../../support/hostile/request-sequences';
import { startMeasuredServer, type MeasuredServer } from '../../support/hostile/measured-server';
import { operationNamed } from '../../support/operations';

jest.setTimeout(300_000);

let server: MeasuredServer;
beforeAll(async () => {
  server = await startMeasuredServer();
});
afterAll(() => server.stop());

const agent = '/api/v1/workflow/{workflow_id}';
const save = operationNamed(`PUT ${agent}`);
const trigger = operationNamed('POST /api/v1/public/agent/{uuid}');
/** The operations that read the agent, its versions and its runs. */
const later: Step[] = [
  operationNamed(`GET /api/v1/workflow/fetch/{workflow_id}`),
  operationNamed(`POST ${agent}/validate`),
  operationNamed(`POST ${agent}/publish`),
  operationNamed(`GET ${agent}/versions`),
  operationNamed(`GET ${agent}/runs`),
  operationNamed(`GET ${agent}/runs/{run_id}`),
  operationNamed(`POST ${agent}/duplicate`),
  operationNamed('GET /api/v1/organizations/usage/runs'),
  operationNamed('GET /api/v1/organizations/usage/runs/report'),
  operationNamed('GET /api/v1/webhook-deliveries'),
].map((operation) => ({ operation }));

/** Each text has the greatest length that is possible with all of them in one body. */
function bodiesOf(make: (length: number) => string) {
  const node = (id: string, type: string, data: object) => ({ id, type, position: { x: 0, y: 0 }, data });
  const definition = {
    nodes: [
      node('start', 'startCall', { name: 'Start', greeting: make(19_000), prompt: make(60_000) }),
      node('agent', 'agentNode', { name: make(1000), prompt: make(60_000) }),
      node('hook', 'webhook', {
        name: 'Hook',
        endpoint_url: 'http://127.0.0.1:9/',
        payload_template: { a: make(20_000), [make(1000)]: 'x' },
      }),
    ],
    edges: [
      { id: 'e', source: 'start', target: 'agent', data: { label: make(1000), condition: make(60_000) } },
    ],
  };
  const context = { greeting_override: { type: 'text', text: make(19_000) }, a: make(60_000) };
  return { definition, context };
}

/** JSON escapes some characters as six, so fewer of them fit into a body. */
function fittingBodiesOf(make: (length: number) => string) {
  const bytes = Buffer.byteLength(JSON.stringify(bodiesOf(make).definition));
  const share = Math.min(1, 1_000_000 / bytes);
  return bodiesOf((length) => make(Math.floor(length * share)));
}

/** Saves an agent with these texts and calls it. */
function stepsWith(make: (length: number) => string): Step[] {
  const { definition, context } = fittingBodiesOf(make);
  const call = (initial_context: object) => ({
    operation: trigger,
    body: { phone_number: '+14155550100', initial_context },
  });
  return [
    { operation: save, body: { workflow_definition: definition } },
    ...later,
    // Once with the agent's greeting, once with the call's own greeting.
    call({ a: context.a }),
    call(context),
    ...later,
  ];
}

test.each(Object.entries(texts))('%s, saved and called', async (_name, make) => {
  expect(await faultsOf(server, stepsWith(make))).toEqual([]);
});
