/** Carriers do not guarantee the order of reports, and repeat those that they count as lost. */
import fc from 'fast-check';
import { EndingsScene, playableEndingsOf, saidOf, vendorNames, type Step } from '../../support/endings';

/** Without Asterisk, whose events come through one connection in their order. */
const names = vendorNames.filter((name) => name !== 'ari');

/** A request whose reply the carrier awaits before it continues the call, so no later report can precede it. */
function isRequest(step: Step): boolean {
  return 'report' in step && step.report === 'announcement';
}

/** Any order of the reports, with repeats. A cancellation of ours comes first, before the end of the call is known. */
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
        // The seconds may be measured by our clock if the answer is reported after the end.
        const { seconds: _seconds, ...state } = expected;
        const run = await scene.play(steps);
        expect({ title, ...saidOf(run, state) }).toEqual({ title, ...state });
      }),
      { numRuns: 20 },
    );
  });
});
