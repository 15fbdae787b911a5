/** Two servers on one PostgreSQL change the counters of one organization and of its campaign at the same time. */
import { countEndedRun, countOpenedRuns } from '../../../trigger-server/src/accounts/organizations';
import { countCampaignEnd } from '../../../trigger-server/src/calls/campaign-state/ends';
import { noteQueuedQuery } from '../../../trigger-server/src/calls/campaigns/store';
import type { WriteSession } from '../../../trigger-server/src/storage/port';
import { readyToCall } from '../../support/agents';
import { createCampaign } from '../../support/campaigns';
import { replica, startCluster, type Cluster, type Replicas } from './replicas';

let cluster: Cluster;
let replicas: Replicas;

beforeAll(async () => {
  cluster = await startCluster();
}, 600_000);
afterAll(() => cluster.stop());

beforeEach(async () => {
  replicas = await cluster.start(2, {});
});
afterEach(() => replicas.close());

const writes = 300;

test('calls of a campaign end while its next ones are queued, and neither waits for the other in a circle', async () => {
  const server = replica(replicas, 0);
  const { account, agent } = await readyToCall(server);
  const { id } = await createCampaign(server, account, agent, ['+14155550100']);
  const organizationId = account.organizationId;

  let tries = 0;
  const repeat = async (index: number, change: (session: WriteSession) => Promise<unknown>) => {
    for (let count = 0; count < writes; count += 1) {
      await replica(replicas, index).services.storage.write(async (session) => {
        tries += 1;
        await change(session);
      });
    }
  };
  await Promise.all([
    repeat(0, async (session) => {
      await countEndedRun(session, organizationId);
      await countCampaignEnd(session, { campaign_id: id, status: 'completed' });
    }),
    repeat(1, async (session) => {
      await session.lock('organization', organizationId);
      await countOpenedRuns(session, organizationId, { runs: 1, slots: 0, queued: 0 });
      await noteQueuedQuery.changes(session, { id, lastLine: 2, rows: 1 });
    }),
  ]);
  // A deadlock is broken by failing one of its writes, which is then made again.
  expect(tries).toBe(2 * writes);
}, 60_000);
