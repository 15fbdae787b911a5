/**
 * Runs Dograh's own SDK in a process, because Jest cannot load ES modules. It reads one JSON task per line from
 * standard input, and prints the SDK's result or error as one line.
 */
import { createInterface } from 'node:readline';
import { DograhClient, Workflow } from '@dograh/sdk';
import * as typed from '@dograh/sdk/typed';

/** A workflow out of typed nodes, and edges between their places in that list. */
async function build(client, { name, nodes, edges }) {
  const workflow = new Workflow({ client, name });
  const refs = [];
  for (const [factory, input] of nodes) refs.push(await workflow.addTyped(typed[factory](input)));
  for (const [from, to, options] of edges) workflow.edge(refs[from], refs[to], options);
  return workflow;
}

/** The names of all functions of the SDK. */
function surface() {
  const methods = [];
  for (let at = DograhClient.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    methods.push(...Object.getOwnPropertyNames(at));
  }
  const inner = ['constructor', 'request', 'specVersion'];
  return {
    methods: [...new Set(methods)].filter((name) => !inner.includes(name)).sort(),
    nodeTypes: Object.keys(typed).sort(),
  };
}

const tasks = {
  surface,
  call: ({ client, method, args }) => client[method](...args),
  specVersion: async ({ client }) => {
    await client.listNodeTypes();
    return client.specVersion;
  },
  build: async ({ client, workflow }) => (await build(client, workflow)).toJson(),
  save: async ({ client, id, workflow }) => client.saveWorkflow(id, await build(client, workflow)),
  load: async ({ client, id }) => {
    const { name, nodes, edges } = await client.loadWorkflow(id);
    return { name, nodes, edges };
  },
};

async function answer({ task, baseUrl, apiKey, ...rest }) {
  try {
    // A new client for each task, because a client caches the node types.
    return { value: await tasks[task]({ client: new DograhClient({ baseUrl, apiKey }), ...rest }) };
  } catch ({ name, message, statusCode }) {
    return { error: { name, message, statusCode } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
