/**
 * Dograh's own SDK, which is an ES module and so not loadable in Jest, as a process: it reads a JSON task a line from
 * standard input, and prints what the SDK made of it, or the error it threw, as a line.
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

/** Everything that the SDK can be asked to do. */
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
    // A client of its own for each task: it keeps the types of nodes that it has read.
    return { value: await tasks[task]({ client: new DograhClient({ baseUrl, apiKey }), ...rest }) };
  } catch ({ name, message, statusCode }) {
    return { error: { name, message, statusCode } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
