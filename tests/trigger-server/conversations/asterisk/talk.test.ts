/** A conversation through Asterisk: with its REST interface and its events, through the whole server, to its end. */
import { replyJson, startLocalServer, type LocalServer } from '../../../support/local-server';
import { called } from '../../../support/talks';
import type { TestServer } from '../../../support/test-server';
import { holdModel, playModel } from '../../../support/text-chats';
import { utterances } from '../../../support/utterances';
import {
  closeAriStage,
  concluded,
  pickedUp as pickUp,
  startAriStage,
  type AriStage,
} from '../../../support/vendors/talking/ari-stage';
import { addTool } from '../../../support/vendors/talking/call';

let stage: AriStage;
let server: TestServer;
let endpoint: LocalServer;
beforeEach(async () => {
  endpoint = await startLocalServer((_request, response) => {
    replyJson(response, 200, { plan: 'gold' });
  });
  stage = await startAriStage();
  ({ server } = stage);
});
afterEach(async () => {
  await closeAriStage(stage);
  await endpoint.close();
});

const pickedUp = (options?: Parameters<typeof pickUp>[1]) => pickUp(stage, options);
const ended = (runId: number) => concluded(stage, runId);

test('three turns with a transition, a tool, values and an end; Asterisk keeps no recording, and it was dialled once', async () => {
  const model = playModel(
    server,
    called('right_person_'),
    { text: 'What is your budget?' },
    called('look_up_plan'),
    { text: 'You have gold.' },
    called('budget_known'),
    { text: 'Goodbye!' },
    { text: '{"budget": 500, "note": "in the evenings"}' },
  );
  const tool = await addTool(stage, 'Look up Plan', {
    type: 'http_api',
    config: { method: 'POST', url: endpoint.url, parameters: [] },
  });
  const { runId, callee } = await pickedUp({ tools: [tool] });
  expect(await callee.hears(server, 'talk-0')).toBe('Hi Ada, this is Mia.');
  await callee.says(1, 'Yes, speaking.');
  expect(await callee.hears(server, 'talk-1')).toBe('What is your budget?');
  await callee.says(2, 'Which plan do I have?');
  expect(await callee.hears(server, 'talk-2')).toContain('You have gold.');
  await callee.says(3, 'Five hundred, call me in the evenings.');
  expect(await callee.hears(server, 'talk-3')).toBe('Goodbye!');
  await callee.isHungUpOn();
  const run = await ended(runId);
  expect(utterances(run)).toEqual([
    'Hi Ada, this is Mia.',
    'Yes, speaking.',
    'What is your budget?',
    'Which plan do I have?',
    'You have gold.',
    'Five hundred, call me in the evenings.',
    'Goodbye!',
  ]);
  expect(run).toMatchObject({
    status: 'completed',
    gathered_context: {
      budget: 500,
      note: 'in the evenings',
      nodes_visited: ['Greeting', 'Budget', 'Goodbye'],
      call_disposition: 'user_qualified',
    },
  });
  expect(endpoint.requests).toHaveLength(1);
  expect(model.requests).toHaveLength(7);
  expect(stage.vendor.dials).toHaveLength(1);
  expect([...stage.vendor.stored.keys(), ...stage.vendor.live.keys()]).toEqual([]);
  expect(server.logLines.join()).not.toContain('evenings');
});

test('silence is an idle step of the engine and asks no recognition; the second one ends the call', async () => {
  playModel(server, { text: 'Are you still there?' }, { text: 'Bye for now.' });
  const { runId, callee } = await pickedUp({ settings: { max_user_idle_timeout: 8 } });
  await callee.hears(server, 'talk-0');
  await callee.isListenedTo(1);
  await server.advance(8000);
  const first = await callee.hears(server, 'talk-1');
  await callee.isListenedTo(2);
  await server.advance(8000);
  const second = await callee.hears(server, 'talk-2');
  await callee.isHungUpOn();
  const run = await ended(runId);
  expect(utterances(run)).toEqual(['Hi Ada, this is Mia.', first, second]);
  expect(run.gathered_context?.call_disposition).toBe('user_idle_max_duration_exceeded');
  expect(callee.countOf('GET', '/ari/recordings/stored')).toBe(0);
});

test('a callee who hangs up in the middle ends the run, and the agent says no more', async () => {
  playModel(server, called('right_person_'), { text: 'What is your budget?' }, { text: '{}' });
  const { runId, callee } = await pickedUp();
  await callee.hears(server, 'talk-0');
  await callee.says(1, 'Yes, speaking.');
  await callee.isTold(server, 'talk-1');
  callee.hangUp();
  const run = await ended(runId);
  expect(run).toMatchObject({
    status: 'completed',
    gathered_context: { call_disposition: 'user_hangup', nodes_visited: ['Greeting', 'Budget'] },
  });
  expect(stage.vendor.live.size).toBe(0);
});

test('the callee hears a filler where the model is slow, and its reply when it is there; the model is asked once', async () => {
  const model = holdModel(playModel(server, { text: 'I see.' }));
  const { runId, callee } = await pickedUp();
  await callee.hears(server, 'talk-0');
  await callee.says(1, 'Yes, speaking.');
  await model.isAsked;
  await server.advance(2500);
  expect(await callee.hears(server, 'filler-1')).toBe('One moment, please.');
  model.letGo();
  await server.services.background.ended();
  await server.advance(1000);
  expect(await callee.hears(server, 'talk-1')).toBe('I see.');
  callee.hangUp();
  expect(utterances(await ended(runId))).toEqual([
    'Hi Ada, this is Mia.',
    'One moment, please.',
    'Yes, speaking.',
    'I see.',
  ]);
  expect(model.requests).toHaveLength(1);
});

test('where the agent may be interrupted, its words stop when the callee begins to talk', async () => {
  playModel(server, { text: 'I see.' });
  const { runId, callee } = await pickedUp({ start: { allow_interrupt: true } });
  await callee.isTold(server, 'talk-0');
  callee.begins();
  await callee.ordered('DELETE', '/ari/playbacks/');
  callee.heardOut('talk-0');
  await callee.says(1, 'I know, go on.');
  expect(await callee.hears(server, 'talk-1')).toBe('I see.');
  callee.hangUp();
  expect(utterances(await ended(runId))).toEqual(['Hi Ada, this is Mia.', 'I know, go on.', 'I see.']);
});

test('what could not be recognized is listened to again without the model, and the log says so without a word', async () => {
  const model = playModel(server, { text: 'I see.' });
  const { runId, callee } = await pickedUp();
  await callee.hears(server, 'talk-0');
  await callee.says(1, 'unintelligible');
  await callee.isListenedTo(2);
  expect(model.requests).toHaveLength(0);
  await callee.says(2, 'Yes, speaking.');
  expect(await callee.hears(server, 'talk-2')).toBe('I see.');
  callee.hangUp();
  await ended(runId);
  const line = server.logLines.find((text) => text.includes('could not be recognized'));
  expect(line).toContain('The STT_COMMAND failed (1)');
  expect(server.logLines.join()).not.toContain('Yes, speaking.');
});
