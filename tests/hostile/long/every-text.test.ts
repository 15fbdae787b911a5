/**
 * No text holds up the others: every operation of the OpenAPI document, with 1 MiB of what is hostile in every place of
 * its body that takes a text, and with all that an address holds in each of its parameters. Generated from the document.
 */
import { attemptsOn, drive } from '../../support/hostile/drive';
import { startMeasuredServer, type MeasuredServer } from '../../support/hostile/measured-server';
import type { Place } from '../../support/hostile/places';
import { operations } from '../../support/operations';

/** Four thousand requests, most of them of 1 MiB. */
jest.setTimeout(900_000);

/** The components whose places have had their fillings: another operation that takes one runs the same code. */
const driven = new Set<string>();

/**
 * An agent's definition has two hundred places, of which a few are read (`definitions.test.ts`): each of them has two
 * fillings, and each filling twenty of them.
 */
const manyPlaces = 60;

/** In turn, so that neighbours have different ones. One alone where the component was driven. */
function choose(fillings: string[], place: Place | null, index: number, places: number): string[] {
  if (place === null) return fillings;
  const count = driven.has(place.component) ? 1 : places > manyPlaces ? 2 : fillings.length / 2;
  const first = index * count;
  return Array.from({ length: count }, (_, at) => fillings[(first + at) % fillings.length]!);
}

// What replaces comes before what adds: a database of thousands of agents of 1 MiB would be another test.
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
