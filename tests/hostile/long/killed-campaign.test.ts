/**
 * kill -9 while the calls of a campaign are queued and dialled: each contact has one run and is dialled as often as that
 * says, and the campaign completes. `KILLS=40 CONTACTS=1000 KILL_SEED=7 npm run test:hostile -- --testPathPatterns
 * killed-campaign` is the long form.
 */
import { sleep } from '@dograh-trigger/shared/axios';
import type { Campaign, CampaignUpload, Run, UploadedCampaignFile } from '@dograh-trigger/shared';
import { contactNumbers, statusesOf } from '../../support/campaigns';
import type { ReceivedRequest } from '../../support/local-server';
import { randomFrom } from '../../support/seeded-random';
import { KillStage } from '../kill-stage';

const { KILLS = '6', CONTACTS = '120', KILL_SEED = '1' } = process.env;
const kills = Number(KILLS);
const contacts = Number(CONTACTS);

const numberOf = ({ body }: ReceivedRequest) => new URLSearchParams(body.toString('utf8')).get('To') ?? '';

let stage: KillStage;
afterEach(() => stage.close());

/** Repeated when the server was killed first. Nothing but reading, and the steps before the first kill, is sent twice. */
async function ask<Reply>(method: string, path: string, body?: object): Promise<Reply> {
  const reply = await stage.untilAnswered(() => stage.send(method, `/api/v1${path}`, body));
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  return JSON.parse(reply.text) as Reply;
}

async function startCampaign(numbers: readonly string[]): Promise<string> {
  const csv = ['phone_number', ...numbers].join('\n');
  const asked = { file_name: 'contacts.csv', file_size: csv.length };
  const { upload_url: url } = await ask<CampaignUpload>('POST', '/s3/presigned-upload-url', asked);
  const { file_key: source_id } = JSON.parse((await stage.upload(url, csv)).text) as UploadedCampaignFile;
  const { id } = await ask<Campaign>('POST', '/campaign/create', {
    name: 'Reminders',
    workflow_id: 1,
    source_type: 'csv',
    source_id,
    retry_config: { enabled: false },
  });
  const path = `/campaign/${String(id)}`;
  await ask('POST', `${path}/start`, {});
  return path;
}

async function runsOf(path: string): Promise<Run[]> {
  const runs: Run[] = [];
  for (let page = 1; ; page += 1) {
    const part = await ask<{ runs: Run[] }>('GET', `${path}/runs?limit=100&page=${String(page)}`);
    runs.push(...part.runs);
    if (part.runs.length < 100) return runs;
  }
}

test(
  `a campaign of ${CONTACTS} contacts and ${KILLS} kills while it is supplied: each contact has one run, none is dialled twice, and it completes`,
  async () => {
    const random = randomFrom(Number(KILL_SEED));
    stage = await KillStage.open({ DEFAULT_ORG_CONCURRENCY_LIMIT: '5' }, 1, { calls_per_second: 20 });
    const dialled = new Map<string, number>();
    stage.carrier.holdDials(async (dial) => {
      dialled.set(numberOf(dial), (dialled.get(numberOf(dial)) ?? 0) + 1);
      await sleep(random() * 40);
      void endCall(dial, random() * 100);
    });
    const numbers = contactNumbers(contacts);
    const path = await startCampaign(numbers);

    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(20 + random() * 400);
      // A kill counts if contacts are left to queue.
      const { total_queued_count: queued } = await ask<Campaign>('GET', path);
      expect(queued).toBeLessThan(contacts);
      await stage.kill();
      await stage.restart();
    }

    let campaign: Campaign;
    do {
      await sleep(500);
      campaign = await ask<Campaign>('GET', path);
    } while (campaign.state !== 'completed');
    expect(campaign).toMatchObject({ processed_rows: contacts, total_queued_count: contacts });
    const runs = await runsOf(path);
    expect(runs.map(({ initial_context: context }) => context?.phone_number).sort()).toEqual(numbers);
    expect(Math.max(...dialled.values())).toBe(1);
    // Between the claim of a call and its dial lies a moment. A call that was claimed then has an unknown outcome.
    const wrong = runs.filter(({ status, reason, initial_context: context }) => {
      const wasDialled = dialled.has(String(context?.phone_number));
      return status === 'error' ? reason !== 'no_report' : !wasDialled;
    });
    expect(wrong).toEqual([]);
    process.stderr.write(
      `${KILLS} kills, seed ${KILL_SEED}: ${String(contacts)} contacts, ${String(dialled.size)} dialled once, none twice; ${JSON.stringify(statusesOf(runs))}.\n`,
    );
  },
  kills * 15_000 + contacts * 500 + 300_000,
);

/** The carrier reports the whole call, after a while. */
async function endCall(dial: ReceivedRequest, milliseconds: number): Promise<void> {
  await sleep(milliseconds);
  await stage.insistOnReport(dial, 'ringing', 'answered', 'completed').catch(() => undefined);
}
