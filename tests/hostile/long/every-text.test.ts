/**
 * No text holds up the others: every operation of the OpenAPI document, with 1 MiB of what is hostile in every place of
 * its body that takes a text, and with all that an address holds in each of its parameters. Generated from the document.
 */
import { attemptsOn, drive } from '../../support/hostile/drive';
import { startMeasuredServer, type MeasuredServer } from '../../support/hostile/measured-server';
import type { Place } from '../../support/hostile/places';
import { operations } from '../../support/operations';

/** Three thousand requests of 1 MiB. */
jest.setTimeout(900_000);

let server: MeasuredServer;
beforeEach(async () => {
  server = await startMeasuredServer();
});
afterEach(() => server.stop());

/** The components whose places have had their fillings: another operation that takes one runs the same code. */
const driven = new Set<string>();
const driving = new Set<string>();

/** An agent's definition has two hundred places: each of them has four fillings, and each filling forty of them. */
const manyPlaces = 60;

/** In turn, so that neighbours have different ones. One alone where the component was driven. */
function choose<Filling>(fillings: Filling[], place: Place | null, index: number, places: number): Filling[] {
  if (place === null) return fillings;
  driving.add(place.component);
  const count = driven.has(place.component) ? 1 : places > manyPlaces ? 4 : fillings.length / 2;
  const first = index * count;
  return Array.from({ length: count }, (_, at) => fillings[(first + at) % fillings.length]!);
}

// What replaces comes before what adds: a database of thousands of agents of 1 MiB would be another test.
const inOrder = [...operations].sort(
  (one, other) => Number(other.method === 'PUT') - Number(one.method === 'PUT'),
);

test.each(inOrder.map((operation) => [operation.name, operation] as const))(
  '%s',
  async (_name, operation) => {
    const attempts = attemptsOn(operation, choose);
    expect(await drive(server, attempts)).toEqual([]);
    for (const { name } of attempts) driven.add(name.split(':', 1)[0] ?? '');
  },
);
