/** One outcome, one word: the documented ends of a call at every carrier, and the words of the API for them. */
import { EndingsScene, endingsOf, playableEndingsOf, saidOf, vendorNames } from '../../support/endings';

const cells = [
  'agent ends the call',
  'busy',
  'declined',
  'no answer',
  'unreachable',
  'cancelled by us',
  'machine',
];

describe.each(vendorNames)('%s', (name) => {
  let scene: EndingsScene;
  beforeAll(async () => {
    scene = await EndingsScene.open(name);
  });
  afterAll(() => scene.close());

  test('has cases for all seven endings', () => {
    const found = new Set(endingsOf(name).map(({ cell }) => cell));
    expect([...found].filter((cell) => cell !== 'other').sort()).toEqual([...cells].sort());
  });

  test.each(playableEndingsOf(name).map((row) => [row.cell, row.title, row] as const))(
    '%s: %s',
    async (_cell, _title, { steps, run: expected }) => {
      const run = await scene.play(steps);
      expect(saidOf(run, expected)).toEqual(expected);
      expect(run.gathered_context?.reason ?? null).toBe(expected.reason);
    },
  );
});
