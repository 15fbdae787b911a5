/** Keeps running campaigns supplied with queued calls. Every process may do it: each step is one conditional write. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeError } from '../../../describe-error';
import { every } from '../../../every';
import type { Services } from '../../../services';
import type { CarrierServices } from '../../../telephony/tools';
import type { Worker } from '../../../workers/worker';
import { campaignQuery } from '../../campaign-state/store';
import { deleteUnusedFiles } from '../source/upload';
import { runningQuery } from '../store';
import { feed } from './feed';

type Needs = CarrierServices &
  Pick<Services, 'chance' | 'connections' | 'thisProcess' | 'queueAlarm' | 'lifecycle'>;

const roundMilliseconds = 1000;

export function campaignFeeder(services: Needs): Worker {
  return {
    name: 'campaigns',
    role: 'worker',
    start: () =>
      every(services, roundMilliseconds, 'campaigns could not be supplied; it is tried again', async () => {
        await feedCampaigns(services);
        await deleteUnusedFiles(services);
      }),
  };
}

/** One step of each running campaign in turns, until all have what they need. A campaign that fails stops no other one. */
export async function feedCampaigns(services: Needs): Promise<void> {
  const { storage, log, lifecycle } = services;
  let hungry = (await runningQuery.all(storage.read, {})).map(({ id }) => id);
  let failure: Error | undefined;
  while (hungry.length > 0 && !lifecycle.draining && lifecycle.damage === null) {
    const next: number[] = [];
    for (const id of hungry) {
      const campaign = await campaignQuery.first(storage.read, { id });
      if (campaign?.state !== 'running') continue;
      try {
        if (await feed(services, campaign)) next.push(id);
      } catch (error) {
        log.error({ campaignId: id, error: describeError(error) }, 'a campaign could not be supplied');
        failure ??= error instanceof Error ? error : new Error('a campaign could not be supplied');
      }
      await nextTurn();
    }
    hungry = next;
  }
  // The round counts as failed, for the health of the worker.
  if (failure !== undefined) throw failure;
}
