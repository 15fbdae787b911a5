/**
 * No text delays other requests. Every operation of the OpenAPI document gets 1 MiB of hostile text in every text place
 * of its body, and as much as an address can hold in each of its parameters. Generated from the document.
 */
import { attemptsOn, drive } from '../../support/hostile/drive';
import { startMeasuredServer, type MeasuredServer } from '../../support/hostile/measured-server';
import type { Place } from '../../support/hostile/places';
import { operations } from '../../support/operations';

/** Four thousand requests, most of them of 1 MiB. */
jest.setTimeout(900_000);

/** The components whose places were already filled: another operation with the same component runs the same code. */
const driven = new Set<string>();

/**
 * An agent's definition has two hundred places, and the server reads a few of them (`definitions.test.ts`). Each place
 * gets two fillings, and each filling is used in twenty places.
 */
const manyPlaces = 60;

/** Takes the fillings in turn, so that neighbours differ. A component that was driven before gets only one. */
function choose(fillings: string[], place: Place | null, index: number, places: number): string[] {
  if (place === null) return fillings;
  const count = driven.has(place.component) ? 1 : places > manyPlaces ? 2 : fillings.length / 2;
  const first = index * count;
  return Array.from({ length: count }, (_, at) => fillings[(first + at) % fillings.length]!);
}

// Replacing comes before adding: a database with thousands of agents of 1 MiB would be another test.
const turn = ['PUT', 'GET', 'POST', 'DELETE'];
const inOrder = [...operations].sort((one, other) => turn.indexOf(one.method) - turn.indexOf(other.method));
const groups = [...new Set(inOrder.map(({ tag }) => tag))];

// Each group of routes has its own server, because changes such as the destination policy would affect other groups.
describe.each(groups)('%s', (group) => {
  let server: MeasuredServer;
  beforeAll(async () => {
    server = await startMeasuredServer();
  });
  afterAll(() => server.stop());

  const own = inOrder.filter(({ tag }) => tag === group);
  test.each(own.map((operation) => [operation.name, operation] as const))('%s', async (_name, operation) => {
    const attempts = attemptsOn(operation, choose);
    expect(await drive(server, attempts)).toEqual([]);
    for (const { name } of attempts) driven.add(name.split(':', 1)[0] ?? '');
  });
});
