/** Two weeks of a clinic's calls, for the pictures of the README. */
import type { AgentDefinition } from '@dograh-trigger/shared';
import Libsql from 'libsql';
import { until } from '../until';
import type { Scene } from './scene';

const definition: AgentDefinition = {
  nodes: [
    {
      id: 'start',
      type: 'startCall',
      position: { x: 0, y: 0 },
      data: {
        name: 'Greeting',
        greeting:
          'Good morning {{user.name | there}}, this is the Lakeside Clinic. Your appointment is {{appointment | soon}}.',
        prompt: 'Ask whether the time still suits.',
      },
    },
    {
      id: 'confirm',
      type: 'agentNode',
      position: { x: -160, y: 260 },
      data: { name: 'Another day', prompt: 'Offer the three next free times and note the choice.' },
    },
    {
      id: 'end',
      type: 'endCall',
      position: { x: 180, y: 260 },
      data: { name: 'Goodbye', prompt: 'Say the date once more, and goodbye.' },
    },
    {
      id: 'trigger',
      type: 'trigger',
      position: { x: -420, y: 0 },
      data: { name: 'API Trigger', enabled: true },
    },
  ],
  edges: [
    {
      id: 'moves',
      source: 'start',
      target: 'confirm',
      data: { label: 'Wants another day', condition: 'They ask for another day.' },
    },
    {
      id: 'comes',
      source: 'start',
      target: 'end',
      data: { label: 'Comes', condition: 'The time suits them.' },
    },
    {
      id: 'agreed',
      source: 'confirm',
      target: 'end',
      data: { label: 'Agreed', condition: 'They have chosen a time.' },
    },
  ],
};

const context = { user: { name: 'Jane Miller' }, appointment: 'on Tuesday at half past nine' };

const callers = ['n8n', 'zapier', 'curl'] as const;
const userAgents = { n8n: 'n8n', zapier: 'dograh-zapier-app/0.1.0', curl: 'curl/8.5.0' };

/** The sandbox's test number of every ending that is not the usual one, by the place in a round of twelve calls. */
const endings: Record<number, string> = {
  3: '+15005550011',
  5: '+15005550012',
  8: '+15005550015',
  10: '+15005550014',
};

export interface PictureData {
  agentId: number;
  /** An ended call with a recording and a delivered event. */
  runId: number;
}

/**
 * @param receiverUrl where the events go.
 * @param now the end of the two weeks.
 */
export async function makeClinic(scene: Scene, receiverUrl: string, now: Date): Promise<PictureData> {
  await scene.api('POST', '/hooks', { target_url: receiverUrl, event: 'call.completed' });
  const agent = await scene.api<{ id: number; workflow_uuid: string }>(
    'POST',
    '/workflow/create/definition',
    {
      name: 'Appointment reminder',
      workflow_definition: definition,
    },
  );
  await scene.api('PUT', `/workflow/${String(agent.id)}`, {
    workflow_configurations: { recording_enabled: true },
    template_context_variables: context,
  });
  await scene.api('POST', `/workflow/${String(agent.id)}/publish`);
  const keys = {
    n8n: await createKey(scene, 'n8n'),
    zapier: await createKey(scene, 'Zapier'),
    curl: await createKey(scene, 'Booking system'),
  };
  const place = async (number: string, caller: (typeof callers)[number]) => {
    const reply = await fetch(`${scene.baseUrl}/api/v1/public/agent/workflow/${agent.workflow_uuid}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-API-Key': keys[caller],
        'User-Agent': userAgents[caller],
      },
      body: JSON.stringify({
        phone_number: number,
        initial_context: context,
      }),
    });
    return ((await reply.json()) as { workflow_run_id: number }).workflow_run_id;
  };
  const ended: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    ended.push(await place(endings[round % 12] ?? '+14155550100', callers[round % 3] ?? 'n8n'));
  }
  const runId = await place('+14155550142', 'n8n');
  const run = () => scene.api<{ artifacts_ready: boolean }>('GET', `/workflow/0/runs/${String(runId)}`);
  await until('the calls have ended', async () => (await run()).artifacts_ready, 60);
  spread(scene.databaseFile, ended, now);
  // It rings for 60 steps of the sandbox.
  await place('+15005550016', 'zapier');
  return { agentId: agent.id, runId };
}

async function createKey(scene: Scene, name: string): Promise<string> {
  return (await scene.api<{ api_key: string }>('POST', '/user/api-keys', { name })).api_key;
}

/** Moves the calls, the last one the youngest, to the office hours of the last 14 days, with numbers and durations of their own. */
function spread(databaseFile: string, runIds: readonly number[], now: Date): void {
  const database = new Libsql(databaseFile, { timeout: 10_000 });
  const update = database.prepare(`UPDATE runs SET created_at = ?, called_number = ?,
    answered_at = iif(answered_at IS NULL, NULL, ?), completed_at = ?,
    call_duration_seconds = iif(answered_at IS NULL, 0, ?) WHERE id = ?`);
  runIds.forEach((id, place) => {
    const hoursAgo = ((runIds.length - place) * 14 * 24) / runIds.length;
    const created = new Date(now.getTime() - hoursAgo * 3_600_000);
    created.setUTCHours(8 + ((place * 5) % 10), (place * 17) % 60, (place * 29) % 60);
    const seconds = 20 + ((place * 37) % 140);
    const later = (add: number) => new Date(created.getTime() + add * 1000).toISOString();
    const number = `+1415555${String(100 + ((place * 7) % 99)).padStart(4, '0')}`;
    update.run(created.toISOString(), number, later(9), later(9 + seconds), seconds, id);
  });
  database.close();
}
