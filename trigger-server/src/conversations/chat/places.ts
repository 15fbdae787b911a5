/** How many requests of text chats a process serves at once that wait for a model, and whether it begins any. */
import { Problem, stopping } from '../../problem';
import type { Services } from '../../services';
import { TurnPlaces } from '../talk/turn-places';

export class ChatPlaces {
  private readonly turns = new TurnPlaces();

  constructor(private readonly services: Pick<Services, 'lifecycle'>) {}

  /** @throws Problem unavailable while the server stops; busy if the organization has its share under way. */
  async run<Result>(organizationId: number, work: () => Promise<Result>): Promise<Result> {
    if (this.services.lifecycle.draining) throw stopping('nothing was done');
    const done = await this.turns.run(organizationId, async () => ({ result: await work() }));
    if (done === null) {
      throw new Problem('busy', 'Too many text chats wait for their replies; try again in a few seconds', {
        retryAfterSeconds: 5,
      });
    }
    return done.result;
  }
}
