/** Carriers promise no order, and repeat what they think was lost. */
import fc from 'fast-check';
import { EndingsScene, playableEndingsOf, saidOf, vendorNames, type Step } from '../../support/endings';

/** Asterisk tells of a call through one connection, which keeps the order. */
const names = vendorNames.filter((name) => name !== 'ari');

/** What waits for our reply before the call goes on: its carrier has sent nothing later yet. */
function isRequest(step: Step): boolean {
  return 'report' in step && step.report === 'announcement';
}

/** Any order of the reports, some of them twice; a cancellation of ours comes first, while the call is known to go on. */
function anyOrderOf(steps: readonly Step[]): fc.Arbitrary<Step[]> {
  const first = steps.filter((step) => 'cancel' in step || isRequest(step));
  const reports = steps.filter((step) => 'report' in step && !isRequest(step));
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

  test('any order and repetition of a call’s reports ends in the same state', async () => {
    const row = fc.constantFrom(...playableEndingsOf(name));
    const cases = row.chain((ending) => fc.tuple(fc.constant(ending), anyOrderOf(ending.steps)));
    await fc.assert(
      fc.asyncProperty(cases, async ([{ title, run: expected }, steps]) => {
        // Seconds may be ours, from an answer that is heard of after the end.
        const { seconds: _seconds, ...state } = expected;
        const run = await scene.play(steps);
        expect({ title, ...saidOf(run, state) }).toEqual({ title, ...state });
      }),
      { numRuns: 20 },
    );
  });
});
