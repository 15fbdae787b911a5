/** What an agent or an account has now changes nothing about a conversation that has begun. */
import { createAgent, saveDraft } from '../../../support/agents';
import { readRun } from '../../../support/calls';
import { configureModel, playModel } from '../../../support/text-chats';
import {
  answer,
  budgetDefinition,
  closeStage,
  hangUp,
  open,
  place,
  startStage,
  type TalkStage,
} from '../../../support/vendors/talking/call';
import { talkingCarriers } from '../../../support/vendors/talking/carriers';

describe.each(talkingCarriers)('$name', (carrier) => {
  let stage: TalkStage;
  beforeEach(async () => {
    stage = await startStage(carrier);
  });
  afterEach(() => closeStage(stage));

  test('a call goes on talking where the model of its organization is removed in its middle', async () => {
    await configureModel(stage.server, stage.account);
    playModel(stage.server, { text: 'One.' }, { text: 'Two.' });
    const agent = await createAgent(stage.server, stage.account, budgetDefinition());
    const { runId, dial } = await place(stage, agent);
    const opening = await open(stage, dial);
    const first = await answer(stage, opening, 'First words.');
    expect(first.said).toEqual(['One.']);
    await stage.server.request
      .delete('/api/v1/organizations/model-configurations/v2')
      .set('X-API-Key', stage.account.apiKey)
      .expect(200);
    const second = await answer(stage, first, 'More words.');
    expect(second.said).toEqual(['Two.']);
    expect(second.listen).not.toBeNull();
    await hangUp(stage, dial);
    const { gathered_context: gathered } = await readRun(stage.server, stage.account, runId);
    expect(gathered).toMatchObject({ nodes_visited: ['Greeting'], call_disposition: 'user_hangup' });
  });

  test('a test call goes on talking where its draft is changed to announce in its middle', async () => {
    playModel(stage.server, { text: 'One.' }, { text: 'Two.' });
    const { server, account } = stage;
    const agent = await createAgent(server, account, budgetDefinition());
    await saveDraft(server, account, agent, { workflow_configurations: { answer: 'converse' } });
    const { dial } = await place(stage, { ...agent, triggerPath: `test/${agent.triggerPath}` });
    const first = await answer(stage, await open(stage, dial), 'First words.');
    await saveDraft(server, account, agent, { workflow_configurations: { answer: 'announce' } });
    const second = await answer(stage, first, 'More words.');
    expect(second.said).toEqual(['Two.']);
    expect(second.listen).not.toBeNull();
  });
});
