/** An agent hands its callee over to a person, through each carrier that takes documents. */
import type { Run } from '@dograh-trigger/shared';
import { readRun } from '../../../support/calls';
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
import type { Heard } from '../../../support/vendors/talking/document';
import { utterances } from '../../../support/utterances';

const colleague = '+14155550177';

describe.each(talkingCarriers)('$name', (carrier) => {
  let stage: TalkStage;
  beforeEach(async () => {
    stage = await startStage(carrier);
  });
  afterEach(() => closeStage(stage));

  const run = (runId: number): Promise<Run> => readRun(stage.server, stage.account, runId);

  /** A call at the step with the tool, whose callee asks for a person. */
  async function askForPerson(config: object): Promise<{ runId: number; dial: Dial; asked: Heard }> {
    const message = { messageType: 'custom', customMessage: 'One moment, I connect you.' };
    const tool = await addTool(stage, 'To a human', {
      type: 'transfer_call',
      config: { timeout: 20, ...message, ...config },
    });
    const { runId, dial } = await place(stage, await talkingAgent(stage, budgetDefinition([tool])));
    const first = await answer(stage, await open(stage, dial), 'Yes, speaking.');
    return { runId, dial, asked: await answer(stage, first, 'I want to talk with a person.') };
  }
  type Dial = Awaited<ReturnType<typeof place>>['dial'];

  const atBudget = [called('right_person_'), { text: 'What is your budget?' }];
  const noValues = { text: '{"budget": null}' };

  test('the two are connected, and the run says that it was transferred, and to whom, masked', async () => {
    const model = playModel(stage.server, ...atBudget, called('to_a_human'), noValues);
    const { runId, dial, asked } = await askForPerson({ destination: colleague });
    expect(asked).toMatchObject({ said: ['One moment, I connect you.'], listen: null });
    expect(asked.transfer).toMatchObject({ to: '14155550177', from: '14155550123', seconds: 20 });
    await bodyOf(stage, carrier.transferEnd(asked.transfer?.url ?? '', 'connected'));
    await hangUp(stage, dial);
    const ended = await run(runId);
    expect(ended).toMatchObject({ status: 'completed', is_completed: true });
    expect(ended.gathered_context).toMatchObject({
      call_disposition: 'transfer_call',
      transfer_status: 'transferred',
      transfer_to: '+*******0177',
    });
    expect(JSON.stringify(ended)).not.toContain(colleague);
    expect(model.requests).toHaveLength(4);
  });

  test.each([
    ['busy', 'busy'],
    ['no answer', 'no_answer'],
  ] as const)('a transfer that ends with %s comes back to the agent', async (end, reason) => {
    const model = playModel(
      stage.server,
      ...atBudget,
      called('to_a_human'),
      { text: 'Nobody is free now.' },
      noValues,
    );
    const { runId, dial, asked } = await askForPerson({ destination: colleague });
    const callback = carrier.transferEnd(asked.transfer?.url ?? '', end);
    const [body, again] = [await bodyOf(stage, callback), await bodyOf(stage, callback)];
    expect(again).toBe(body);
    const next = carrier.read(body);
    expect(next.said).toEqual(['Nobody is free now.']);
    expect(next.listen).not.toBeNull();
    expect(model.requests).toHaveLength(4);
    expect(JSON.stringify(model.requests[3]?.messages.at(-1))).toContain(reason);
    await hangUp(stage, dial);
    expect((await run(runId)).gathered_context).toMatchObject({
      call_disposition: 'user_hangup',
      transfer_status: 'failed',
      transfer_reason: reason,
    });
  });

  test('a number that may not be called is not dialled: the agent says so in the same turn', async () => {
    await stage.server.request
      .put('/api/v1/organizations/destination-policy')
      .set('Authorization', `Bearer ${stage.account.token}`)
      .send({ blocked_prefixes: [colleague] })
      .expect(200);
    const model = playModel(stage.server, ...atBudget, called('to_a_human'), {
      text: 'I cannot connect you.',
    });
    const { runId, asked } = await askForPerson({ destination: colleague });
    expect(asked.transfer).toBeNull();
    expect(asked.said).toEqual(['One moment, I connect you.', 'I cannot connect you.']);
    expect(asked.listen).not.toBeNull();
    expect(JSON.stringify(model.requests[3]?.messages.at(-1))).toContain('destination_not_allowed');
    expect(utterances(await run(runId)).slice(-2)).toEqual(asked.said);
  });

  test('rules choose the number by a value of this very step', async () => {
    const model = playModel(stage.server, ...atBudget, called('to_a_human'), { text: '{"note": "Billing"}' });
    const { asked } = await askForPerson({
      destination_source: 'context_mapping',
      context_mapping: {
        rules: [
          {
            context_path: 'gathered_context.note',
            routes: [{ context_value: 'billing', destination: colleague }],
          },
        ],
        fallback_destination: '+14155550188',
      },
    });
    expect(asked.transfer?.to).toBe('14155550177');
    expect(model.requests).toHaveLength(4);
  });

  test('a forged end of a transfer is refused, and one of another turn changes nothing', async () => {
    const model = playModel(stage.server, ...atBudget, called('to_a_human'), { text: 'Nobody is free now.' });
    const { asked } = await askForPerson({ destination: colleague });
    const url = asked.transfer?.url ?? '';
    await send(stage, carrier.transferEnd(url.replace(/\/3\/([^/]+)$/, '/2/$1'), 'busy')).expect(401);
    await send(stage, carrier.transferEnd(url.replace('/transfer/', '/turn/'), 'busy')).expect(401);
    expect(model.requests).toHaveLength(3);
    const next = carrier.read(await bodyOf(stage, carrier.transferEnd(url, 'busy')));
    expect(next.said).toEqual(['Nobody is free now.']);
  });
});
