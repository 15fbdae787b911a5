/** Sends events from the start of the server until it is told to stop. */
import { every } from '../../every';
import type { DeliveryServices } from './delivery';
import { Dispatcher } from './dispatcher';

const roundMilliseconds = 1000;

/**
 * Looks every second for what is due.
 * @returns stops: nothing more is taken, and what is under way ends first. What is left waits for the next start.
 */
export function startDeliveries(services: DeliveryServices): () => Promise<void> {
  const dispatcher = new Dispatcher(services);
  const stopLooking = every(services.clock, roundMilliseconds, () => {
    dispatcher.dispatch();
  });
  return () => {
    stopLooking();
    return dispatcher.stop();
  };
}
