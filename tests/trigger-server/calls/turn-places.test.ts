/** Turns of conversations take nobody else's place: neither a follow-up's, nor another organization's. */
import { TurnPlaces } from '../../../trigger-server/src/conversations/talk/turn-places';
import { createAgent, createSandbox } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { startLocalServer } from '../../support/local-server';
import { startTestServer } from '../../support/test-server';

test('sixty calls whose model stalls keep no call of another organization waiting', async () => {
  const endpoint = await startLocalServer(() => undefined);
  const server = await startTestServer({
    DEFAULT_ORG_CONCURRENCY_LIMIT: '100',
    LLM_BASE_URL: `${endpoint.url}/v1`,
    LLM_MODEL: 'stalling',
  });
  const [slow, other] = [await server.signUp(), await server.signUp()];
  for (const account of [slow, other]) await createSandbox(server, account);
  const talking = await createAgent(server, slow, undefined, { answer: 'converse' });
  const announcing = await createAgent(server, other, undefined, { answer: 'announce' });
  const call = { phone_number: '+14155550100', initial_context: { sandbox_says: ['Hello?'] } };
  const runs: number[] = [];
  for (let index = 0; index < 60; index += 1) runs.push(await startCall(server, slow, talking, call));
  while (endpoint.requests.length < runs.length) await server.advance(20);

  const runId = await startCall(server, other, announcing, { phone_number: '+14155550100' });
  for (let step = 0; step < 4; step += 1) await server.advance(300);
  expect((await readRun(server, other, runId)).status).toBe('completed');
  expect((await readRun(server, slow, runs[0]!)).status).toBe('answered');
  await server.advance(60_000);
  await server.close();
  await endpoint.close();
});

test('an organization has half of the free places at most, and every one has ten', async () => {
  const places = new TurnPlaces();
  const ends: (() => void)[] = [];
  const turns: Promise<unknown>[] = [];
  const take = async (organizationId: number, most: number) => {
    for (let taken = 0; ; taken += 1) {
      const state = { began: false };
      const turn = places.run(organizationId, () => {
        state.began = true;
        return new Promise<void>((resolve) => ends.push(resolve));
      });
      if (!state.began || taken === most) {
        expect(await Promise.race([turn, Promise.resolve('under way')])).toBe(
          state.began ? 'under way' : null,
        );
        return taken;
      }
      turns.push(turn);
    }
  };
  expect(await take(1, 1000)).toBe(334);
  expect(await take(2, 1000)).toBe(222);
  for (let organization = 3; organization < 12; organization += 1) await take(organization, 1000);
  expect(await take(99, 1000)).toBe(10);
  for (const end of ends) end();
  await Promise.all(turns);
  expect(await take(100, 50)).toBe(50);
});
