/** A conversation through each carrier that takes documents: over HTTP, through the whole server, to its end. */
import { readRun } from '../../../support/calls';
import { replyJson, startLocalServer, type LocalServer } from '../../../support/local-server';
import { called } from '../../../support/talks';
import { playModel } from '../../../support/text-chats';
import {
  addTool,
  answer,
  bodyOf,
  budgetDefinition,
  closeStage,
  hangUp,
  open,
  place,
  send,
  startStage,
  talkingAgent,
  type TalkStage,
} from '../../../support/vendors/talking/call';
import { talkingCarriers } from '../../../support/vendors/talking/carriers';
import { receiversAllowed } from '../../../support/webhooks';
import { utterances } from '../../../support/utterances';

describe.each(talkingCarriers)('$name', (carrier) => {
  let stage: TalkStage;
  let endpoint: LocalServer;
  beforeEach(async () => {
    endpoint = await startLocalServer((_request, response) => {
      replyJson(response, 200, { plan: 'gold' });
    });
    stage = await startStage(carrier, receiversAllowed);
  });
  afterEach(async () => {
    await closeStage(stage);
    await endpoint.close();
  });

  const run = (runId: number) => readRun(stage.server, stage.account, runId);

  const utterancesOf = async (runId: number) => utterances(await run(runId));

  const planTool = () =>
    addTool(stage, 'Look up Plan', {
      type: 'http_api',
      config: { method: 'POST', url: endpoint.url, parameters: [] },
    });

  test('three turns with a transition, a tool, values and an end', async () => {
    const model = playModel(
      stage.server,
      called('right_person_'),
      { text: 'What is your "budget" & plan?' },
      called('look_up_plan'),
      { text: 'You have gold.' },
      called('budget_known'),
      { text: 'Goodbye!' },
      { text: '{"budget": 500, "note": "in the evenings"}' },
    );
    const agent = await talkingAgent(stage, budgetDefinition([await planTool()], { allow_interrupt: true }));
    const { runId, dial } = await place(stage, agent);
    const opening = await open(stage, dial);
    expect(opening).toMatchObject({ said: [], over: ['Hi Ada, this is Mia.'] });
    const first = await answer(stage, opening, 'Yes, speaking.');
    expect(first.said).toEqual(['What is your "budget" & plan?']);
    const second = await answer(stage, first, 'Which plan do I have?');
    expect(second.said).toEqual(['You have gold.']);
    expect(endpoint.requests).toHaveLength(1);
    const last = await answer(stage, second, 'Five hundred, call in the evenings.');
    expect(last).toMatchObject({ said: ['Goodbye!'], listen: null, goOn: null });
    await hangUp(stage, dial);
    const ended = await run(runId);
    expect(ended).toMatchObject({ status: 'completed', is_completed: true });
    expect(ended.gathered_context).toMatchObject({
      call_disposition: 'user_qualified',
      nodes_visited: ['Greeting', 'Budget', 'Goodbye'],
      budget: 500,
      note: 'in the evenings',
    });
    expect(await utterancesOf(runId)).toEqual([
      'Hi Ada, this is Mia.',
      'Yes, speaking.',
      'What is your "budget" & plan?',
      'Which plan do I have?',
      'You have gold.',
      'Five hundred, call in the evenings.',
      'Goodbye!',
    ]);
    expect(model.requests).toHaveLength(7);
  });

  test('a repeated callback of a turn gets the same document and asks no model; one of an earlier turn changes nothing', async () => {
    const model = playModel(stage.server, { text: 'One.' }, { text: 'Two.' });
    const { runId, dial } = await place(stage, await talkingAgent(stage));
    const opening = await open(stage, dial);
    const callback = carrier.heard(opening.listen ?? '', 'First words.');
    const [body, again] = [await bodyOf(stage, callback), await bodyOf(stage, callback)];
    expect(again).toBe(body);
    await answer(stage, carrier.read(body), 'More words.');
    await bodyOf(stage, callback);
    expect(model.requests).toHaveLength(2);
    expect(await utterancesOf(runId)).toEqual([
      'Hi Ada, this is Mia.',
      'First words.',
      'One.',
      'More words.',
      'Two.',
    ]);
  });

  test('a forged callback is refused, and asks no model', async () => {
    const model = playModel(stage.server);
    const { runId, dial } = await place(stage, await talkingAgent(stage));
    const opening = await open(stage, dial);
    const url = opening.listen ?? '';
    const later = url.replace(/\/1\/([^/]+)$/, '/2/$1');
    expect(later).not.toBe(url);
    await send(stage, carrier.heard(later, 'Forged.')).expect(401);
    const stolen = carrier.heard(url, 'Forged.');
    const headers = { 'content-type': stolen.headers['content-type'] ?? '' };
    if (carrier.signs) await send(stage, { ...stolen, headers }).expect(401);
    expect(model.requests).toHaveLength(0);
    expect(await utterancesOf(runId)).toEqual(['Hi Ada, this is Mia.']);
  });

  test('a sound without words is listened to again, twice; then it is a silence; a second silence ends the call', async () => {
    const model = playModel(stage.server, { text: 'Are you there?' }, { text: 'Have a good day.' });
    const { runId, dial } = await place(stage, await talkingAgent(stage));
    const noise = await answer(stage, await open(stage, dial), 'mumble', 0.1);
    expect(noise.said).toEqual([]);
    const again = await answer(stage, noise, '...');
    expect(model.requests).toHaveLength(0);
    const third = await answer(stage, again, '?');
    expect(third.said).toEqual(['Are you there?']);
    const last = await answer(stage, third, null);
    expect(last).toMatchObject({ said: ['Have a good day.'], listen: null });
    await hangUp(stage, dial);
    expect((await run(runId)).gathered_context).toMatchObject({
      call_disposition: 'user_idle_max_duration_exceeded',
    });
  });

  test('a callee who hangs up in the middle ends the conversation, with the values of its last step', async () => {
    playModel(
      stage.server,
      called('right_person_'),
      { text: 'What is your budget?' },
      { text: '{"budget": null}' },
    );
    const { runId, dial } = await place(stage, await talkingAgent(stage));
    const first = await answer(stage, await open(stage, dial), 'Yes, speaking.');
    await hangUp(stage, dial);
    const ended = await run(runId);
    expect(ended).toMatchObject({ status: 'completed', is_completed: true });
    expect(ended.gathered_context).toMatchObject({
      call_disposition: 'user_hangup',
      nodes_visited: ['Greeting', 'Budget'],
      call_tags: ['user_hangup', 'user_speech'],
    });
    expect(await answer(stage, first, 'Too late.')).toMatchObject({ said: [], listen: null });
  });
});
