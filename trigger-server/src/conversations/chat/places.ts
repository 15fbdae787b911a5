/** How many requests of text chats a process serves at once that wait for a model, and whether it begins any. */
import { Problem, stopping } from '../../problem';
import type { Services } from '../../services';

/** @throws Problem unavailable while the server stops; busy if the organization has its share of turns under way. */
export async function inChatPlace<Result>(
  { lifecycle, turnPlaces }: Pick<Services, 'lifecycle' | 'turnPlaces'>,
  organizationId: number,
  work: () => Promise<Result>,
): Promise<Result> {
  if (lifecycle.draining) throw stopping('nothing was done');
  const done = await turnPlaces.run(organizationId, async () => ({ result: await work() }));
  if (done === null) {
    throw new Problem('busy', 'Too many text chats wait for their replies; try again in a few seconds', {
      retryAfterSeconds: 5,
    });
  }
  return done.result;
}
