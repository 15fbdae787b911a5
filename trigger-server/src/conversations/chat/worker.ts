/** Ends text chats in which nobody writes any more. Every process may do it: each is claimed. */
import { every } from '../../every';
import type { Worker } from '../../workers/worker';
import { endIdleChats } from './idle';
import type { ChatServices } from './turn';

const roundMilliseconds = 60_000;

export function textChats(services: ChatServices): Worker {
  return {
    name: 'text-chats',
    role: 'worker',
    start: () =>
      every(services, roundMilliseconds, 'idle text chats could not be ended; it is tried again', () =>
        endIdleChats(services),
      ),
  };
}
