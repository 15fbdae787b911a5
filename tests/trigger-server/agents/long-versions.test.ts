/**
 * A page of versions is limited in bytes. Texts of archived versions are omitted and listed by name. The first version of
 * a page is always complete.
 */
import type { AgentVersion } from '@dograh-trigger/shared';
import { createAgent, definitionWith, publish, saveDraft, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { get } from './support';

let server: TestServer;
let account: Account;
let agent: TestAgent;
afterEach(() => server.close());

/** An agent with 50 versions of half a megabyte each. The last two are the published version and the draft. */
async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer(environment);
  account = await server.signUp();
  const definition = definitionWith();
  definition.nodes[0]!.data.prompt = 'x'.repeat(500_000);
  agent = await createAgent(server, account, definition);
  await saveDraft(server, account, agent, { template_context_variables: { city: 'Pune' } });
  await publish(server, account, agent);
  await server.services.storage.write(async (session) => {
    const { rows } = await session.run(
      session.builder.selectFrom('definitions').selectAll().where('status', '=', 'archived').compile(),
    );
    const { id: _id, ...archived } = rows[0]!;
    await session.run(
      session.builder
        .updateTable('definitions')
        .set({ version_number: 49 })
        .where('status', '=', 'published')
        .compile(),
    );
    for (let version_number = 2; version_number < 49; version_number += 1) {
      await session.run(
        session.builder
          .insertInto('definitions')
          .values({ ...archived, version_number })
          .compile(),
      );
    }
  });
  await saveDraft(server, account, agent, { workflow_configurations: { max_call_duration: 60 } });
}

async function versions(query: string): Promise<{ list: AgentVersion[]; bytes: number }> {
  const reply = await get(server, account, `${String(agent.id)}/versions?${query}`).expect(200);
  return { list: reply.body as AgentVersion[], bytes: Buffer.byteLength(reply.text) };
}

const isWhole = ({ workflow_json }: AgentVersion) => workflow_json.nodes.length > 0;

test('of fifty versions of half a megabyte, the newest ones and the two that run are whole', async () => {
  await start();
  const { list, bytes } = await versions('limit=100');
  expect(list.map(({ version_number }) => version_number)).toEqual(
    Array.from({ length: 50 }, (_, at) => 50 - at),
  );
  expect(list.filter(isWhole).map(({ status }) => status)).toEqual(['draft', 'published', 'archived']);
  expect(bytes).toBeLessThan(2_000_000);
  for (const version of list.filter((one) => !isWhole(one))) {
    expect(version).toMatchObject({
      workflow_json: { nodes: [], edges: [] },
      workflow_configurations: null,
      template_context_variables: null,
      omitted_fields: ['workflow_json', 'workflow_configurations', 'template_context_variables'],
    });
  }
});

test('each version is whole as the first of a page', async () => {
  await start();
  const { list } = await versions('limit=1&offset=40');
  expect(list.map(({ version_number }) => version_number)).toEqual([10]);
  expect(list[0]?.workflow_json.nodes[0]?.data.prompt).toHaveLength(500_000);
  expect(list[0]).not.toHaveProperty('omitted_fields');
});

test('plain Dograh lists every version whole', async () => {
  await start({ EXTENSIONS: '' });
  const { list } = await versions('limit=100');
  expect(list.filter(isWhole)).toHaveLength(50);
  expect(list.filter((version) => 'omitted_fields' in version)).toEqual([]);
});
