/** A conversation by relay, through the whole server, to its end. */
import { readRun } from '../../../support/calls';
import { replyJson, startLocalServer, type LocalServer } from '../../../support/local-server';
import { called } from '../../../support/talks';
import { playModel } from '../../../support/text-chats';
import {
  addTool,
  budgetDefinition,
  closeStage,
  hangUp,
  place,
  talkingAgent,
} from '../../../support/vendors/talking/call';
import {
  connect,
  startRelayStage,
  telnyxRelay,
  twilioRelay,
  type RelayStage,
} from '../../../support/vendors/talking/relays';
import { receiversAllowed } from '../../../support/webhooks';
import { utterances } from '../../../support/utterances';

describe.each([twilioRelay, telnyxRelay])('$name', (carrier) => {
  let stage: RelayStage;
  let endpoint: LocalServer;
  beforeEach(async () => {
    endpoint = await startLocalServer((_request, response) => {
      replyJson(response, 200, { plan: 'gold' });
    });
    stage = await startRelayStage(carrier, receiversAllowed);
  });
  afterEach(async () => {
    await closeStage(stage);
    await endpoint.close();
  });

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
    const offered = await carrier.answer(stage, dial);
    const relay = await connect(stage.server.baseUrl, offered);
    expect(await relay.said()).toBe('Hi Ada, this is Mia.');
    expect(await relay.answer('Yes, speaking.')).toBe('What is your "budget" & plan?');
    expect(await relay.answer('Which plan do I have?')).toBe('You have gold.');
    expect(endpoint.requests).toHaveLength(1);
    expect(await relay.answer('Five hundred, call in the evenings.')).toBe('Goodbye!');
    // Its last words are spoken before it is ended.
    expect(relay.frames.at(-1)).toMatchObject({ type: 'text' });
    await stage.server.advance(2000);
    expect(await relay.next()).toMatchObject({ type: 'end' });
    relay.close();
    await hangUp(stage, dial);
    const run = await readRun(stage.server, stage.account, runId);
    expect(run).toMatchObject({ status: 'completed', is_completed: true });
    expect(run.gathered_context).toMatchObject({
      call_disposition: 'user_qualified',
      nodes_visited: ['Greeting', 'Budget', 'Goodbye'],
      budget: 500,
      note: 'in the evenings',
    });
    expect(utterances(run)).toEqual([
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
});
