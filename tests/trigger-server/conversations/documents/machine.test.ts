/** A machine that a carrier recognises once its call talks already. */
import { readRun } from '../../../support/calls';
import { playModel } from '../../../support/text-chats';
import {
  answer,
  budgetDefinition,
  closeStage,
  open,
  place,
  send,
  startStage,
  talkingAgent,
  type TalkStage,
} from '../../../support/vendors/talking/call';
import { talkingCarriers } from '../../../support/vendors/talking/carriers';
import { signPlivo } from '../../../support/vendors/plivo';
import { signVobiz } from '../../../support/vendors/vobiz';
import { utterances } from '../../../support/utterances';

/** They detect machines beside the call. */
const carriers = talkingCarriers.filter(({ name }) => name === 'plivo' || name === 'vobiz');

describe.each(carriers)('$name', (carrier) => {
  let stage: TalkStage;
  beforeEach(async () => {
    stage = await startStage({ ...carrier, configuration: { ...carrier.configuration, amd_enabled: true } });
  });
  afterEach(() => closeStage(stage));

  test('hears the announcement to its end, and no model is asked', async () => {
    const model = playModel(stage.server);
    const { runId, dial } = await place(stage, await talkingAgent(stage, budgetDefinition()));
    const opening = await open(stage, dial);
    const { machine_detection_url: url } = JSON.parse(dial.body.toString()) as {
      machine_detection_url: string;
    };
    const fields = { CallUUID: 'x', CallStatus: 'in-progress', Event: 'MachineDetection', Machine: 'true' };
    const headers = carrier.name === 'plivo' ? signPlivo(url, fields) : signVobiz(url);
    await send(stage, { method: 'POST', url, headers, body: new URLSearchParams(fields).toString() }).expect(
      200,
    );
    const next = await answer(stage, opening, 'Please leave a message after the tone.');
    expect(next).toMatchObject({ said: ['Hi Ada, this is Mia.'], listen: null, goOn: null });
    expect(model.requests).toHaveLength(0);
    const run = await readRun(stage.server, stage.account, runId);
    expect(utterances(run)).toContain('Hi Ada, this is Mia.');
  });
});
