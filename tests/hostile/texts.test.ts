/** A few of the requests of `npm run test:hostile`: every operation of the document meets some of them. */
import { attemptsOn, drive } from '../support/hostile/drive';
import { startMeasuredServer } from '../support/hostile/measured-server';
import { operations } from '../support/operations';

const fewPerOperation = 3;
let turn = 0;

/** Returns the items in turn. */
function nextOf(fillings: string[]): string[] {
  turn += 1;
  return fillings.slice(turn % fillings.length).slice(0, 1);
}

test('no text of 1 MiB stops the event loop for a quarter of a second, or takes more than linear CPU', async () => {
  const attempts = operations.flatMap((operation) => {
    const all = attemptsOn(operation, nextOf);
    const step = Math.ceil(all.length / fewPerOperation);
    return all.filter((_, index) => index % step === 0);
  });
  expect(attempts.length).toBeGreaterThan(operations.length);
  const server = await startMeasuredServer();
  try {
    expect(await drive(server, attempts)).toEqual([]);
  } finally {
    await server.stop();
  }
  // Two hundred requests of 1 MiB: seconds by themselves, minutes beside twelve busy processes.
}, 300_000);
