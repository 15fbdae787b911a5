/** Ends the text chats in which nobody writes any more, a few at a time, so that no organization holds up another's. */
import { describeError } from '../../describe-error';
import { Problem } from '../../problem';
import { createNamedTurns, createTurns } from '../../turns';
import type { ChatPlace } from './claim';
import { endChat } from './end';
import { idleQuery, postponeQuery } from './store';
import type { ChatServices } from './turn';

/** In a round. The rest follows in the next one. */
const mostEnded = 1000;
/** Each waits for the model of its organization, which may stall. */
const atOnce = 8;
const atOnceEach = 2;
/** A round begins no further end after it. */
const roundMilliseconds = 60_000;
/** A chat that could not be ended lets others go first. */
const postponedMilliseconds = 5 * 60_000;

/**
 * Ends the chats in which nobody has written for as long as their agent allows: first the oldest one of each
 * organization, then the second one of each. One that cannot be ended is tried again later.
 */
export async function endIdleChats(services: ChatServices): Promise<void> {
  const { storage, clock, lifecycle } = services;
  const begun = clock.steady();
  const all = createTurns({ atOnce });
  const each = createNamedTurns({ atOnce: atOnceEach });
  const idle = await idleQuery.all(storage.read, { now: begun.toISOString(), limit: mostEnded });
  const ends = idle.map(({ run_id: runId, organization_id: organizationId, agent_id: workflowId }) =>
    each.run(String(organizationId), () =>
      all.run(async () => {
        const isOver = clock.steady().getTime() - begun.getTime() >= roundMilliseconds;
        if (!isOver && !lifecycle.draining) {
          await endOrPostpone(services, { organizationId, workflowId, runId });
        }
      }),
    ),
  );
  const failed = (await Promise.allSettled(ends)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

async function endOrPostpone(services: ChatServices, place: ChatPlace): Promise<void> {
  const { storage, clock, log } = services;
  const { runId } = place;
  try {
    await endChat(services, place, { expected: null, ifIdle: true });
  } catch (error) {
    // It is still idle, so the next process ends it.
    if (error instanceof Problem && error.code === 'draining') return;
    log.error(
      { runId, error: describeError(error) },
      'an idle text chat could not be ended; it is tried again',
    );
    const now = clock.steady();
    const until = new Date(now.getTime() + postponedMilliseconds).toISOString();
    await storage.write((session) =>
      postponeQuery.changes(session, { runId, now: now.toISOString(), until }),
    );
  }
}
