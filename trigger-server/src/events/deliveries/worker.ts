/** The worker that sends events. */
import { every } from '../../every';
import type { Services } from '../../services';
import type { Worker } from '../../workers/worker';
import type { DeliveryServices } from './delivery';
import { Dispatcher } from './dispatcher';

/** Finds events whose time has come, such as that of another attempt: the alarm does not ring for them. */
const roundMilliseconds = 1000;

/** Sends what is due every second, and whenever the alarm rings. On stop it does so once more; the rest waits for the next start. */
export function deliveries(services: DeliveryServices & Pick<Services, 'deliveryAlarm'>): Worker {
  return {
    name: 'deliveries',
    role: 'worker',
    start() {
      const dispatcher = new Dispatcher(services);
      const loop = every(services, roundMilliseconds, 'due events could not be looked for', () => {
        dispatcher.dispatch();
      });
      const stopListening = services.deliveryAlarm.onRing(() => {
        dispatcher.dispatch();
      });
      return {
        health: () => loop.health() ?? dispatcher.health(),
        async stop() {
          stopListening();
          await loop.stop();
          await dispatcher.dispatchLast();
          await dispatcher.stop();
        },
      };
    },
  };
}
