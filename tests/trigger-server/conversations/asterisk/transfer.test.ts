/** An agent hands its callee over to a person through Asterisk: it calls the person, and connects the two. */
import { readRun } from '../../../support/calls';
import { called } from '../../../support/talks';
import { playModel } from '../../../support/text-chats';
import { utterances } from '../../../support/utterances';
import {
  closeAriStage,
  concluded,
  pickedUp,
  startAriStage,
  type AriStage,
} from '../../../support/vendors/talking/ari-stage';
import { addTool } from '../../../support/vendors/talking/call';

const colleague = '+14155550177';

let stage: AriStage;
beforeEach(async () => {
  stage = await startAriStage();
});
afterEach(() => closeAriStage(stage));

const atBudget = [called('right_person_'), { text: 'What is your budget?' }];
const noValues = { text: '{"budget": null}' };

/** A call whose callee has asked for a person, who is called now. */
async function askedForPerson() {
  const message = { messageType: 'custom', customMessage: 'One moment, I connect you.' };
  const tool = await addTool(stage, 'To a human', {
    type: 'transfer_call',
    config: { timeout: 20, destination: colleague, ...message },
  });
  const { runId, callee } = await pickedUp(stage, { tools: [tool] });
  await callee.hears(stage.server, 'talk-0');
  await callee.says(1, 'Yes, speaking.');
  await callee.hears(stage.server, 'talk-1');
  await callee.says(2, 'I want to talk with a person.');
  expect(await callee.hears(stage.server, 'talk-2')).toBe('One moment, I connect you.');
  const leg = callee.legOf(3);
  await callee.rings();
  return { runId, callee, leg };
}

/** The person picks up, and the two are connected. */
async function connected() {
  const call = await askedForPerson();
  stage.vendor.happen(call.leg, 'answered');
  await call.callee.ordered('POST', `/ari/bridges/${call.leg}/addChannel`);
  expect([...stage.vendor.bridges.values()]).toEqual([[call.callee.channel, call.leg]]);
  return call;
}

/** The run says that it was transferred. */
async function isTransferred(runId: number): Promise<void> {
  const isNoted = async () =>
    (await readRun(stage.server, stage.account, runId)).gathered_context?.transfer_status === 'transferred';
  while (!(await isNoted())) continue;
}

test('the two are connected until the person hangs up; the run says that it was transferred, and to whom, masked', async () => {
  const model = playModel(stage.server, ...atBudget, called('to_a_human'), noValues);
  const { runId, callee, leg } = await connected();
  const order = JSON.parse(stage.vendor.dials[1]?.body.toString() ?? '') as object;
  expect(order).toMatchObject({ endpoint: 'PJSIP/14155550177@trunk', timeout: 20, channelId: leg });
  stage.vendor.happen(leg, 'completed');
  await callee.isHungUpOn();
  const run = await concluded(stage, runId);
  expect(run).toMatchObject({
    status: 'completed',
    gathered_context: {
      call_disposition: 'transfer_call',
      transfer_status: 'transferred',
      transfer_to: '+*******0177',
    },
  });
  expect(JSON.stringify(run)).not.toContain(colleague);
  expect(model.requests).toHaveLength(4);
  expect(stage.vendor.dials).toHaveLength(2);
  expect(stage.vendor.bridges.size).toBe(0);
  expect(stage.server.logLines.join()).not.toContain('4155550177');
});

test('when the callee hangs up, the person is hung up on, and the run was transferred', async () => {
  playModel(stage.server, ...atBudget, called('to_a_human'), noValues);
  const { runId, callee, leg } = await connected();
  await isTransferred(runId);
  callee.hangUp();
  await callee.ordered('DELETE', `/ari/channels/${leg}`);
  const { gathered_context: gathered } = await concluded(stage, runId);
  expect(gathered).toMatchObject({ call_disposition: 'transfer_call', transfer_status: 'transferred' });
});

test('after a loss of the connection to Asterisk the two talk on, nobody is called again, and the end of one is the end of the other', async () => {
  playModel(stage.server, ...atBudget, called('to_a_human'), noValues);
  const { runId, callee, leg } = await connected();
  await isTransferred(runId);
  stage.vendor.cut();
  while (stage.vendor.connections > 0) await stage.server.request.get('/api/v1/health');
  await stage.server.advance(1000);
  await callee.ordered('GET', `/ari/channels/${leg}`);
  expect(callee.wasHungUpOn).toBe(false);
  stage.vendor.happen(leg, 'completed');
  await callee.isHungUpOn();
  expect((await concluded(stage, runId)).gathered_context).toMatchObject({ transfer_status: 'transferred' });
  expect(stage.vendor.dials).toHaveLength(2);
});

test('a callee who hangs up while the person is called: the person’s phone stops ringing', async () => {
  playModel(stage.server, ...atBudget, called('to_a_human'), noValues);
  const { runId, callee, leg } = await askedForPerson();
  callee.hangUp();
  await callee.ordered('DELETE', `/ari/channels/${leg}`);
  const { status, gathered_context: gathered } = await concluded(stage, runId);
  expect(status).toBe('completed');
  expect(gathered?.transfer_status).not.toBe('transferred');
});

test.each([
  ['busy', 'busy'],
  ['no-answer', 'no_answer'],
  ['failed', 'call_failed'],
] as const)('a transfer that ends with %s comes back to the agent', async (end, reason) => {
  const model = playModel(
    stage.server,
    ...atBudget,
    called('to_a_human'),
    { text: 'Nobody is free now.' },
    noValues,
  );
  const { runId, callee, leg } = await askedForPerson();
  stage.vendor.happen(leg, end);
  expect(await callee.hears(stage.server, 'talk-3')).toBe('Nobody is free now.');
  await callee.isListenedTo(4);
  expect(JSON.stringify(model.requests[3]?.messages.at(-1))).toContain(reason);
  callee.hangUp();
  const run = await concluded(stage, runId);
  expect(run.gathered_context).toMatchObject({
    call_disposition: 'user_hangup',
    transfer_status: 'failed',
    transfer_reason: reason,
  });
  expect(utterances(run)).toContain('Nobody is free now.');
});
