import type { Services } from '../../trigger-server/src/services';
import type { TestServer } from './test-server';

/** The services as the next server of the database has them, once that of the test was killed. */
export function nextServer({ services }: TestServer): Services {
  return { ...services, thisProcess: { id: services.chance.uuid(), isAlone: true } };
}
