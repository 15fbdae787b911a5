/** Every screen and its main dialogs, with something to show on each. */
import type { Campaign, CampaignUpload, WebhookDeliveryPage } from '@dograh-trigger/shared';
import type { Page } from 'playwright-core';
import { until } from '../until';
import type { Scene } from './scene';

export interface Screen {
  /** The path, and what is open above it: `/guard/keys: Create a key`. */
  name: string;
  show(page: Page): Promise<void>;
}

/** What the server has after `fill`. */
export interface Content {
  endedRunId: number;
  /** It waits for a time in some days. */
  waitingRunId: number;
  /** It is not started, and a row of its file is not called. */
  campaignId: number;
  deliveryId: string;
}

/**
 * Places a call and one that waits, sends an event about the end of the first, puts a number onto the do-not-call list,
 * makes a campaign, and leaves a draft of the agent.
 * @param receiverUrl where the event goes.
 */
export async function fill(scene: Scene, receiverUrl: string): Promise<Content> {
  await scene.api('POST', '/hooks', { target_url: receiverUrl, event: 'call.completed' });
  await scene.api('PUT', '/workflow/1', { workflow_configurations: { recording_enabled: true } });
  await scene.api('POST', '/workflow/1/publish');
  const endedRunId = await placeCall(scene, '+14155550100', {
    note: 'x'.repeat(3000),
    ['name'.repeat(60)]: ['y'.repeat(3000)],
  });
  const run = () => scene.api<{ artifacts_ready: boolean }>('GET', `/workflow/0/runs/${String(endedRunId)}`);
  await until('the call has ended', async () => (await run()).artifacts_ready);
  const newest = async () =>
    (await scene.api<WebhookDeliveryPage>('GET', '/webhook-deliveries')).deliveries[0];
  await until('the event was sent', async () => (await newest())?.status === 'succeeded');
  await scene.api('PUT', '/workflow/1', { template_context_variables: { day: 'Monday' } });
  const waitingRunId = await placeCall(
    scene,
    '+14155550101',
    {},
    { not_before: inDays(3), not_after: inDays(4) },
  );
  await scene.api('PUT', `/organizations/do-not-call/${encodeURIComponent('+14155550199')}`, {
    until: inDays(9),
  });
  const campaignId = await createCampaign(scene);
  return { endedRunId, waitingRunId, campaignId, deliveryId: (await newest())?.id ?? '' };
}

async function createCampaign(scene: Scene): Promise<number> {
  const { upload_url: url, file_key: key } = await scene.api<CampaignUpload>(
    'POST',
    '/s3/presigned-upload-url',
    {
      file_name: 'contacts.csv',
      file_size: 100,
    },
  );
  const file = 'phone_number\n+14155550120\nnobody\n';
  await fetch(url, { method: 'PUT', headers: { 'content-type': 'text/csv' }, body: file });
  const settings = { name: 'Reminders', workflow_id: 1, source_type: 'csv', source_id: key };
  return (await scene.api<Campaign>('POST', '/campaign/create', settings)).id;
}

/** It rings for 60 steps of the sandbox. */
export async function placeLongCall(scene: Scene): Promise<void> {
  await placeCall(scene, '+15005550016');
}

export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}

/** @param schedule more fields of the request. @returns the id of the run. */
export async function placeCall(
  scene: Scene,
  phoneNumber: string,
  context: object = {},
  schedule: object = {},
): Promise<number> {
  const [agent] = await scene.api<{ workflow_uuid: string }[]>('GET', '/workflow/fetch');
  const { workflow_run_id: runId } = await scene.api<{ workflow_run_id: number }>(
    'POST',
    `/public/agent/workflow/${agent?.workflow_uuid ?? ''}`,
    { phone_number: phoneNumber, initial_context: context, ...schedule },
  );
  return runId;
}

function allIsRead(page: Page): Promise<void> {
  return until('all is read', async () => (await page.getByText(/^Reading .* …$/).count()) === 0);
}

/** @param shown a text of the screen's own content. */
function screen(path: string, shown: string | RegExp): Screen {
  return {
    name: path,
    async show(page) {
      await page.goto(path);
      await page.getByText(shown).filter({ visible: true }).first().waitFor();
      await allIsRead(page);
    },
  };
}

/** @param buttons what to press on the screen, one after the other, until the dialog is there. */
function dialog(under: Screen, ...buttons: (string | RegExp)[]): Screen {
  return {
    name: `${under.name}: ${buttons.map(String).join(', ')}`,
    async show(page) {
      await under.show(page);
      for (const name of buttons) await page.getByRole('button', { name }).first().click();
      await page.getByRole('dialog').waitFor();
      await allIsRead(page);
    },
  };
}

/** What somebody sees who is not signed in. */
export const strangersScreens = [
  screen('/sign-in', 'No password yet, or forgotten?'),
  screen('/sign-in#token=used', 'This link signs you in once.'),
];

/** What somebody sees who is signed in. */
export function screensWith({ endedRunId, waitingRunId, campaignId, deliveryId }: Content): Screen[] {
  const calls = screen('/calls', '+14155550100');
  const call = screen(`/calls/${String(endedRunId)}`, 'Webhooks');
  const waiting = screen(`/calls/${String(waitingRunId)}`, /^Waits until/);
  const campaign = screen(`/campaigns/${String(campaignId)}`, 'It has called nobody yet.');
  const agents = screen('/agents', 'Demo agent');
  const canvas = screen('/agents/1?view=canvas', 'Start Call');
  const subscriptions = screen('/events/subscriptions', 'call.completed');
  const account = screen('/telephony/1', 'Verify now');
  const deliveries = screen('/events/deliveries', 'Delivered');
  const secret = screen('/events/secret', 'Show the secret');
  const credentials = screen('/events/credentials', 'No credential');
  const keys = screen('/guard/keys', 'Demo key');
  const doNotCall = screen('/guard/do-not-call', '+14155550199');
  return [
    calls,
    dialog(calls, /^Call again/),
    dialog(calls, /^End: call/),
    screen('/calls?status=busy', 'No call matches this filter'),
    call,
    dialog(call, 'Erase'),
    dialog(call, 'Never call again'),
    waiting,
    dialog(waiting, 'Change'),
    dialog(waiting, 'Cancel the call'),
    screen('/calls/abc', 'There is no such screen.'),
    screen('/campaigns', 'Reminders'),
    screen('/campaigns/new', 'Whom it calls'),
    campaign,
    dialog(campaign, 'Start'),
    agents,
    dialog(agents, 'New agent'),
    dialog(agents, 'Language model'),
    screen('/agents?status=archived', 'Nothing is archived'),
    canvas,
    dialog(canvas, /^API Trigger/),
    dialog(canvas, /^Start/),
    dialog(canvas, 'Publish'),
    dialog(canvas, 'What has changed'),
    screen('/agents/1?view=outline', 'API Trigger'),
    screen('/agents/1?view=greeting', 'The callee hears:'),
    screen('/agents/1?view=settings', 'Record the calls'),
    screen('/agents/1?view=versions', 'Version'),
    screen('/telephony', 'Carrier accounts'),
    screen('/telephony/new', 'Carrier'),
    account,
    dialog(account, 'Add a number'),
    dialog(account, /^Test call/),
    subscriptions,
    dialog(subscriptions, 'Add a subscription'),
    dialog(subscriptions, /^Send a test/),
    dialog(subscriptions, /^Delete the subscription/),
    deliveries,
    dialog(deliveries, 'Send again what failed'),
    screen(`/events/deliveries/${deliveryId}`, 'Delivered'),
    secret,
    dialog(secret, 'Replace the secret'),
    credentials,
    dialog(credentials, 'Add a credential'),
    screen('/guard/policy', 'Policy'),
    doNotCall,
    dialog(doNotCall, 'Add a number'),
    dialog(doNotCall, 'Remove +14155550199'),
    keys,
    dialog(keys, 'Create a key'),
    dialog(keys, /^Archive/),
    screen('/guard/users', 'demo'),
    screen('/guard/privacy', 'Erase the calls to a number'),
    screen('/guard/changes', 'signed in'),
    screen('/account', 'Sign out'),
  ];
}
