/** What a call does if a machine answers, by the documented reports of every carrier that can tell. */
import fc from 'fast-check';
import {
  EndingsScene,
  saidOf,
  spokenIn,
  vendorNames,
  voicemailCallsOf,
  type Step,
  type VoicemailCall,
} from '../../support/endings';

const names = vendorNames.filter((name) => voicemailCallsOf(name).length > 0);

/** A report of progress that nothing follows from, so it may come at any time. */
function isProgress(step: Step): boolean {
  if (!('report' in step) || step.report !== 'status' || 'Machine' in step.fields) return false;
  const { CallStatus, event_type, status } = step.fields;
  return /^(initiated|ringing|in-progress|call\.initiated|started)$/.test(
    CallStatus ?? event_type ?? status ?? '',
  );
}

/** The call with its progress reported at any time, and any report repeated at any later time. */
function anyOrderOf({ steps }: VoicemailCall): fc.Arbitrary<Step[]> {
  const places = fc.array(fc.nat(), { minLength: steps.length, maxLength: steps.length });
  const repeats = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 4 });
  return fc.tuple(places, repeats).map(([at, again]) => {
    const played = steps.filter((step) => !isProgress(step));
    steps.forEach((step, index) => {
      if (isProgress(step)) played.splice((at[index] ?? 0) % played.length, 0, step);
    });
    for (const [which, where] of again) {
      const index = which % played.length;
      const step = played[index];
      if (step !== undefined) played.splice(index + 1 + (where % (played.length - index)), 0, step);
    }
    return played;
  });
}

/** What a carrier found out beside the call, or its end. Nothing makes these reports wait for each other. */
function isBesideTheCall(step: Step): boolean {
  if (!('report' in step)) return false;
  const { report, fields } = step;
  if (report === 'machine' || report === 'hangup' || 'Machine' in fields) return true;
  return /^(completed|human|machine|call\.hangup|call\.machine\..*)$/.test(
    fields.CallStatus ?? fields.event_type ?? fields.status ?? '',
  );
}

/** What happens only because the message is due. */
function isOfMessage(step: Step): boolean {
  if (!('report' in step)) return false;
  const payload: { client_state?: string } = Object(step.fields.payload);
  const state = Buffer.from(payload.client_state ?? '', 'base64').toString();
  return /^(redirected|message|message_heard)$/.test(step.report) || state.startsWith('message');
}

function anyOrderBesideTheCall({ steps }: VoicemailCall): fc.Arbitrary<Step[]> {
  const first = steps.filter((step) => !isBesideTheCall(step) && !isOfMessage(step));
  const reports = steps.filter(isBesideTheCall);
  const everyOne = fc.shuffledSubarray(reports, { minLength: reports.length });
  const again = fc.array(fc.constantFrom(...reports), { maxLength: 3 });
  return fc.tuple(everyOne, again).map(([once, repeats]) => [...first, ...once, ...repeats]);
}

describe.each(names)('%s', (name) => {
  let scene: EndingsScene;
  beforeAll(async () => {
    scene = await EndingsScene.open(name);
  });
  afterAll(() => scene.close());

  async function played(call: VoicemailCall, steps: readonly Step[]) {
    const { voicemail, run: expected } = call;
    const run = await scene.play(steps, voicemail);
    return { run: saidOf(run, expected), spoken: spokenIn(run), commands: scene.commands() };
  }

  test.each(voicemailCallsOf(name).map((row) => [row.title, row] as const))('%s', async (_title, row) => {
    const { run, spoken, commands } = row;
    expect(await played(row, row.steps)).toEqual({ run, spoken, commands });
  });

  test('any order and repetition of a call’s reports ends in the same state, and nothing is spoken twice', async () => {
    const cases = fc
      .constantFrom(...voicemailCallsOf(name))
      .chain((row) => fc.tuple(fc.constant(row), anyOrderOf(row)));
    await fc.assert(
      fc.asyncProperty(cases, async ([row, steps]) => {
        const { seconds: _seconds, ...run } = row.run;
        const { spoken, commands } = row;
        expect(await played({ ...row, run }, steps)).toEqual({ run, spoken, commands });
      }),
      { numRuns: 30 },
    );
  });

  test('who answered, and so who gets a message, does not depend on the order of detection, greeting and end', async () => {
    const rows = voicemailCallsOf(name).filter(({ voicemail }) => voicemail.action === 'leave_message');
    const cases = fc
      .constantFrom(...rows)
      .chain((row) => fc.tuple(fc.constant(row), anyOrderBesideTheCall(row)));
    await fc.assert(
      fc.asyncProperty(cases, async ([row, steps]) => {
        const { status, disposition, reason, answered_by } = row.run;
        const expected = {
          status,
          disposition,
          reason,
          ...(answered_by === undefined ? {} : { answered_by }),
        };
        const { run, commands } = await played({ ...row, run: expected }, steps);
        expect(run).toEqual(expected);
        const messages = commands.filter((word) => word !== 'hang_up').slice(name === 'telnyx' ? 1 : 0);
        expect(messages.length).toBeLessThanOrEqual(answered_by === 'machine' ? 1 : 0);
      }),
      { numRuns: 30 },
    );
  });
});
