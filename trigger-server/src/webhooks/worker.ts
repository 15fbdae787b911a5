/** Sends events from the start of the server until it is told to stop. */
import type { Services } from '../services';
import { Dispatcher } from './dispatcher';

const roundMilliseconds = 1000;

/**
 * Looks every second for what is due.
 * @returns stops: nothing more is taken, and what is under way ends first. What is left waits for the next start.
 */
export function startDeliveries(services: Services): () => Promise<void> {
  const dispatcher = new Dispatcher(services);
  let forget: () => void = () => undefined;
  const next = () => {
    forget = services.clock.after(roundMilliseconds, () => {
      dispatcher.dispatch();
      next();
    });
  };
  next();
  return () => {
    forget();
    return dispatcher.stop();
  };
}
