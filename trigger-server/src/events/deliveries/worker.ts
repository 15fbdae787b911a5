/** The worker that sends events. */
import { every } from '../../every';
import type { Worker } from '../../workers/worker';
import type { DeliveryServices } from './delivery';
import { Dispatcher } from './dispatcher';

const roundMilliseconds = 1000;

/** Sends what is due every second. On stop it claims nothing more; the rest waits for the next start. */
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
        health: () => loop.health() ?? dispatcher.health(),
        async stop() {
          await loop.stop();
          await dispatcher.stop();
        },
      };
    },
  };
}
