/** A document never waits for the model longer than its carrier bears. */
import { readRun } from '../../../support/calls';
import { called } from '../../../support/talks';
import { holdModel, playModel } from '../../../support/text-chats';
import {
  bodyOf,
  closeStage,
  open,
  place,
  startStage,
  talkingAgent,
  type TalkStage,
} from '../../../support/vendors/talking/call';
import { talkingCarriers } from '../../../support/vendors/talking/carriers';

describe.each(talkingCarriers)('$name', (carrier) => {
  let stage: TalkStage;
  beforeEach(async () => {
    stage = await startStage(carrier);
  });
  afterEach(() => closeStage(stage));

  test('gets a filler while the model is slow, and its reply when it asks again; the model is asked once', async () => {
    const model = holdModel(
      playModel(stage.server, called('right_person_'), { text: 'What is your budget?' }),
    );
    const { dial } = await place(stage, await talkingAgent(stage));
    const opening = await open(stage, dial);
    const late = bodyOf(stage, carrier.heard(opening.listen ?? '', 'Yes, speaking.'));
    await model.isAsked;
    await stage.server.advance(carrier.name === 'vobiz' ? 1200 : 2500);
    const waiting = carrier.read(await late);
    expect(waiting).toMatchObject({ said: ['One moment, please.'], listen: null });
    model.letGo();
    await stage.server.services.background.ended();
    const next = carrier.read(await bodyOf(stage, carrier.goOn(waiting.goOn ?? '')));
    expect(next.said).toEqual(['What is your budget?']);
    expect(next.listen).toMatch(/\/turn\/\d+\/2\//);
    expect(model.requests).toHaveLength(2);
  });

  test('gets the filler again when it repeats its callback meanwhile; the log has it once', async () => {
    const model = holdModel(playModel(stage.server, { text: 'I see.' }));
    const { runId, dial } = await place(stage, await talkingAgent(stage));
    const opening = await open(stage, dial);
    const callback = carrier.heard(opening.listen ?? '', 'Yes, speaking.');
    const first = bodyOf(stage, callback);
    await model.isAsked;
    await stage.server.advance(2500);
    const waiting = await first;
    const looks = new Promise<void>((resolve) => {
      stage.server.storage.tap({
        beforeQuery({ sql }) {
          if (sql.startsWith('select * from "talks"')) resolve();
        },
      });
    });
    const repeated = bodyOf(stage, callback);
    await looks;
    await stage.server.advance(2500);
    expect(await repeated).toBe(waiting);
    model.letGo();
    await stage.server.services.background.ended();
    const { logs } = await readRun(stage.server, stage.account, runId);
    const events = (logs?.realtime_feedback_events ?? []) as { type: string; payload: { text: string } }[];
    const spoken = events.filter(({ type }) => type === 'rtf-bot-text').map(({ payload }) => payload.text);
    expect(spoken).toEqual(['Hi Ada, this is Mia.', 'One moment, please.', 'I see.']);
  });
});
