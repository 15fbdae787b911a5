/** Lets a test's server ask carriers about open calls, second by second, each answer awaited. */
import { CarrierQuestions } from '../../trigger-server/src/calls/questions/carrier-questions';
import { claimFollowUps } from '../../trigger-server/src/runs/due/follow-ups';
import type { TestServer } from './test-server';

export const questionsPerSecond = 5;

/** Takes the place of the server's own follow-ups. @returns lets so many seconds pass; `eachSecond` runs after each. */
export async function askByHand(
  server: TestServer,
): Promise<(seconds: number, eachSecond?: () => void) => Promise<void>> {
  await server.followUps.stop();
  const questions = new CarrierQuestions(server.services);
  return async (seconds, eachSecond = () => undefined) => {
    for (let second = 0; second < seconds; second += 1) {
      await server.clock.advance(1000, () => Promise.resolve());
      const now = server.clock.steady();
      const leaseEnd = new Date(now.getTime() + 30_000).toISOString();
      const due = await server.services.storage.write((session) =>
        claimFollowUps(session, { now: now.toISOString(), leaseEnd, limit: 1000, others: [] }),
      );
      await Promise.all(due.map((run) => questions.ask(run, questionsPerSecond)));
      eachSecond();
    }
  };
}
