/** The published package, built into a temporary folder and loaded from there by a plain Node process. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Linter } from 'eslint';
import { standInAgentUuid, startStandIn } from '../support/dograh-stand-in';

const run = promisify(execFile);
const script = join(__dirname, '../../n8n-node/scripts/bundle.mjs');
/** n8n forbids these to community nodes (`no-restricted-globals` of its lint rules). */
const forbiddenGlobals = [
  'clearInterval',
  'clearTimeout',
  'global',
  'globalThis',
  'process',
  'setInterval',
  'setTimeout',
  'setImmediate',
  'clearImmediate',
  '__dirname',
  '__filename',
];

let folder: string;
let dist: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'n8n-bundle-'));
  dist = join(folder, 'dist');
  await run(process.execPath, [script, dist]);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function filesOf(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(root, name), 'utf8')]));
}

function scripts(): [string, string][] {
  return Object.entries(filesOf(dist)).filter(([name]) => name.endsWith('.js'));
}

test('the files are one bundle, the files that n8n loads, and no source map', () => {
  const names = Object.keys(filesOf(dist));
  expect(names.filter((name) => !name.includes('__schema__'))).toEqual([
    'bundle.js',
    'credentials/DograhApi.credentials.js',
    'icons/dograh.dark.svg',
    'icons/dograh.svg',
    'nodes/Dograh/Dograh.node.js',
    'nodes/Dograh/Dograh.node.json',
    'nodes/DograhPollingTrigger/DograhPollingTrigger.node.js',
    'nodes/DograhPollingTrigger/DograhPollingTrigger.node.json',
    'nodes/DograhTrigger/DograhTrigger.node.js',
    'nodes/DograhTrigger/DograhTrigger.node.json',
  ]);
  const schemas = filesOf(join(__dirname, '../../n8n-node/nodes'));
  expect(names.filter((name) => name.includes('__schema__'))).toEqual(
    Object.keys(schemas)
      .filter((name) => name.includes('__schema__'))
      .map((name) => `nodes/${name}`),
  );
});

test('the packed package has at most 150 kB', () => {
  const packed = gzipSync(Object.values(filesOf(dist)).join(''));
  expect(packed.length).toBeLessThan(150_000);
});

test('two builds of the same sources are identical', async () => {
  const again = join(folder, 'again');
  await run(process.execPath, [script, again]);
  expect(filesOf(again)).toEqual(filesOf(dist));
});

test('only n8n-workflow, node:crypto and the package’s own files are required', () => {
  const required = scripts().flatMap(([, code]) =>
    [...code.matchAll(/\brequire\(([^)]*)\)/g)].map(([, name]) => name),
  );
  expect([...new Set(required)].sort()).toEqual([
    '"../../bundle.js"',
    '"../bundle.js"',
    '"n8n-workflow"',
    '"node:crypto"',
  ]);
});

test('no forbidden global of n8n is used', () => {
  const rules = { 'no-restricted-globals': ['error', ...forbiddenGlobals] as ['error', ...string[]] };
  const findings = scripts().flatMap(([, code]) =>
    new Linter().verify(code, { languageOptions: { sourceType: 'commonjs' }, rules }),
  );
  expect(findings).toEqual([]);
});

test('with only n8n-workflow installed, the node loads and places a call', async () => {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(dirname(require.resolve('n8n-workflow/package.json')), join(modules, 'n8n-workflow'));
  const server = await startStandIn();
  const { stdout } = await run(process.execPath, ['-e', consumer, dist, server.url], {
    cwd: folder,
    env: { NODE_PATH: modules },
  }).finally(() => server.close());
  expect(JSON.parse(stdout)).toEqual({
    name: 'dograh',
    credential: 'dograhApi',
    output: [
      [
        {
          json: {
            run_id: 501,
            run_name: 'WR-API-501',
            agent_id: null,
            already_placed: false,
            status: 'initiated',
            phone_number: '+14155550100',
            mode: null,
            fallback_from: null,
          },
          pairedItem: { item: 0 },
        },
      ],
    ],
  });
  expect(server.dials()).toMatchObject([{ url: `/api/v1/public/agent/workflow/${standInAgentUuid}` }]);
});

/** A minimal replacement for n8n, in plain JavaScript: the parts that the node uses. */
const consumer = `
  const [, dist, baseUrl] = process.argv;
  const { Dograh } = require(dist + '/nodes/Dograh/Dograh.node.js');
  const { DograhApi } = require(dist + '/credentials/DograhApi.credentials.js');
  const node = new Dograh();
  const parameters = {
    resource: 'call',
    operation: 'place',
    environment: 'production',
    agent: { __rl: true, mode: 'list', value: '${standInAgentUuid}' },
    phoneNumber: '+14155550100',
    specifyVariables: 'keypair',
  };
  const nodeContext = {};
  const context = {
    getInputData: () => [{ json: {} }],
    getNode: () => ({ name: 'Dograh', type: 'n8n-nodes-dograh.dograh' }),
    getWorkflow: () => ({ id: 'w' }),
    getInstanceId: () => 'i',
    getMode: () => 'trigger',
    getParentNodes: () => [],
    getTimezone: () => 'UTC',
    getExecutionId: () => '1',
    getExecutionCancelSignal: () => undefined,
    getContext: () => nodeContext,
    getWorkflowDataProxy: () => ({ $runIndex: 0 }),
    getCredentials: async () => ({ baseUrl }),
    getNodeParameter: (name, _item, fallback) => parameters[name] ?? fallback,
    continueOnFail: () => false,
    helpers: {
      httpRequestWithAuthentication: async (_type, { url, method, headers, body }) => {
        const reply = await fetch(url, { method, headers, body });
        return { statusCode: reply.status, headers: Object.fromEntries(reply.headers), body: await reply.text() };
      },
    },
  };
  node.execute.call(context).then((output) => {
    const { name } = node.description;
    console.log(JSON.stringify({ name, credential: new DograhApi().name, output }));
  });
`;
