/** Sends events from the start of the server until it is told to stop. */
import { every } from '../../every';
import type { Worker } from '../../workers/worker';
import type { DeliveryServices } from './delivery';
import { Dispatcher } from './dispatcher';

const roundMilliseconds = 1000;

/** Looks every second for what is due. Told to stop, it takes nothing more; what is left waits for the next start. */
export function deliveries(services: DeliveryServices): Worker {
  return {
    name: 'deliveries',
    role: 'worker',
    start() {
      const dispatcher = new Dispatcher(services);
      const loop = every(services, roundMilliseconds, 'due events could not be looked for', () => {
        dispatcher.dispatch();
      });
      return {
        health: () => loop.health(),
        async stop() {
          await loop.stop();
          await dispatcher.stop();
        },
      };
    },
  };
}
