/** A conversation with a real SIP phone through a real Asterisk: `npm run test:asterisk`. */
import { join } from 'node:path';
import type { Run } from '@dograh-trigger/shared';
import { utterances } from '../../support/utterances';
import { budgetDefinition } from '../../support/vendors/talking/call';
import { until } from '../until';
import { startTalkModel, type TalkModel } from './model';
import { phone, Scene } from './scene';

/** What `recognize.cjs` hears in each of these tones. */
const tones = { yes: 400, why: 800, fiveHundred: 1200 };

let model: TalkModel;
let scene: Scene;
beforeAll(async () => {
  model = await startTalkModel({
    'Yes, speaking.': { call: 'right_person_', then: 'What is your budget?' },
    'What do you need it for?': { text: 'To choose your plan.' },
    'Five hundred.': { call: 'budget_known', then: 'Thank you, goodbye!' },
  });
  scene = await Scene.open({
    STT_COMMAND: `${process.execPath} ${join(__dirname, 'recognize.cjs')}`,
    LLM_BASE_URL: model.baseUrl,
    LLM_MODEL: 'played',
  });
}, 600_000);
afterAll(async () => {
  await scene.close();
  await model.close();
});

/** The agent has said something since then, and is silent. */
async function hasSpoken(since: number): Promise<void> {
  await until('the agent has spoken', () => {
    const heard = scene.pbx.network.soundSince(since);
    const last = heard.at(-1);
    return Promise.resolve(last !== undefined && Date.now() - last > 700);
  });
}

/** The run, once its values are there. */
async function concluded(runId: number): Promise<Run> {
  await until('the values are there', async () => (await scene.ended(runId)).artifacts_ready === true);
  return scene.ended(runId);
}

test('three turns with a transition, values and an end, in one call', async () => {
  const agent = await scene.agentWith(budgetDefinition(), { answer: 'converse', ring_timeout_seconds: 5 });
  let since = Date.now();
  const runId = await scene.call(phone.listens, agent);
  for (const hertz of [tones.yes, tones.why, tones.fiveHundred]) {
    await hasSpoken(since);
    since = Date.now();
    scene.pbx.network.says(hertz);
  }
  const run = await concluded(runId);
  expect(utterances(run)).toEqual([
    'Hi Jane, this is Mia.',
    'Yes, speaking.',
    'What is your budget?',
    'What do you need it for?',
    'To choose your plan.',
    'Five hundred.',
    'Thank you, goodbye!',
  ]);
  expect(run).toMatchObject({
    status: 'completed',
    gathered_context: {
      nodes_visited: ['Greeting', 'Budget', 'Goodbye'],
      call_disposition: 'user_qualified',
      budget: 500,
    },
  });
  expect(scene.pbx.network.invitations()).toBe(1);
});

test('a callee who says nothing is asked again, and then the call ends', async () => {
  const settings = { answer: 'converse', ring_timeout_seconds: 5, max_user_idle_timeout: 2 } as const;
  const agent = await scene.agentWith(budgetDefinition(), settings);
  const run = await concluded(await scene.call(phone.listens, agent));
  expect(run).toMatchObject({
    status: 'completed',
    gathered_context: { call_disposition: 'user_idle_max_duration_exceeded' },
  });
  expect(utterances(run)).toHaveLength(3);
});
