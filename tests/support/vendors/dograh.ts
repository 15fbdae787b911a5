/**
 * A Dograh on the loopback: its public trigger, its lists, and its runs, with the replies that Dograh 1.45.0 sends. It
 * reports nothing by itself.
 */
import type { JsonObject } from '@dograh-trigger/shared';
import * as z from 'zod';
import type { ReceivedRequest } from '../local-server';
import { startVendor, type CallEvent, type Vendor, type VendorAnswer } from './vendor';

export const dograhKey = 'dgr_SECRETkeyOfDograh';
export const dograhTrigger = '6f1c3a52-8a52-4f4e-9d0e-2b8c7d1e5f90';
export const dograhAgent = '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0';
/** The number that calls of this Dograh can show, and its ids there. */
export const dograhNumber = { address: '+14155550123', accountId: 55, id: 9 };

export const dograhSettings = (vendor: Pick<Vendor, 'origin'>) => ({
  base_url: vendor.origin,
  api_key: dograhKey,
});

const triggerBody = z.object({
  phone_number: z.string(),
  initial_context: z.record(z.string(), z.json()),
  telephony_configuration_id: z.int().optional(),
  from_phone_number_id: z.int().optional(),
});

interface DograhRun {
  id: number;
  isCompleted: boolean;
  initialContext: JsonObject;
  gathered: JsonObject;
  seconds: number | null;
  /** What the carrier of this Dograh has reported. */
  reported: string[];
}

/** What a test may change. */
interface DograhState {
  /** What `/health` says besides; the bundled server lists extensions and its id there. */
  health: JsonObject;
  /** The replies of the lists. */
  accounts: object[];
  agents: { id: number; name: string; workflow_uuid?: string | null }[];
  /** The versions of agents, by their ids, newest first. */
  versions: Map<number, object[]>;
  /** Whether the list of calls can be read. */
  isListReadable: boolean;
  /** The reply to every dial that reaches it; null: the usual one. */
  refusal: VendorAnswer | null;
  /** Whether the key is valid. */
  isKeyValid: boolean;
  /** Whether there are no credits: as Dograh does, every dial is refused, and has a run that says so. */
  isWithoutCredits: boolean;
}

export interface LoopbackDograh extends Vendor {
  readonly state: DograhState;
}

export async function startDograh(): Promise<LoopbackDograh> {
  const runs = new Map<ReceivedRequest, DograhRun>();
  const state: DograhState = {
    health: {},
    accounts: [readyAccount],
    agents: [{ id: 4, name: 'Reminder', workflow_uuid: dograhAgent }],
    versions: new Map(),
    isListReadable: true,
    refusal: null,
    isKeyValid: true,
    isWithoutCredits: false,
  };
  const isAuthorized = ({ headers }: ReceivedRequest) =>
    headers['x-api-key'] === dograhKey && state.isKeyValid;
  const begin = (dial: ReceivedRequest): DograhRun => {
    const order = triggerBody.parse(JSON.parse(dial.body.toString('utf8')));
    const id = 501 + runs.size;
    const run = {
      id,
      isCompleted: false,
      initialContext: { ...order.initial_context, called_number: order.phone_number },
      gathered: { call_id: `CA${String(id)}` },
      seconds: null,
      reported: [],
    };
    runs.set(dial, run);
    return run;
  };

  const vendor = await startVendor({
    isDial: ({ method, url }) => method === 'POST' && url.startsWith('/api/v1/public/agent/'),
    dial(request, play) {
      if (!isAuthorized(request)) return refusal(401, 'Invalid API key');
      const known = [`/${dograhTrigger}`, `/test/${dograhTrigger}`, `/workflow/${dograhAgent}`];
      const path = request.url.slice('/api/v1/public/agent'.length);
      if (!known.includes(path)) return refusal(404, notFoundOf(path));
      if (state.refusal !== null) return state.refusal;
      if (state.isWithoutCredits) {
        const failure = { error: noCredits, call_disposition: 'error', mapped_call_disposition: 'error' };
        Object.assign(begin(request), { isCompleted: true, gathered: failure, seconds: 0 });
        return refusal(402, noCredits);
      }
      if (play === 'rate-limit') return refusal(429, 'Concurrent call limit reached');
      if (play === 'refuse') {
        return refusal(400, 'Failed to initiate call: 400: {"code": 21211, "message": "Invalid To"}');
      }
      const { id } = begin(request);
      const body = { status: 'initiated', workflow_run_id: id, workflow_run_name: 'WR-API-7823' };
      return { status: 200, body };
    },
    other(request) {
      const { pathname } = new URL(request.url, 'http://dograh.test');
      const path = pathname.slice('/api/v1'.length);
      if (path === '/health')
        return { status: 200, body: { status: 'ok', version: '1.45.0', ...state.health } };
      if (!isAuthorized(request)) return refusal(401, 'Invalid or expired API key');
      const runId = Number(/^\/workflow\/\d+\/runs\/(\d+)$/.exec(path)?.[1]);
      const run = [...runs.values()].find(({ id }) => id === runId);
      if (run !== undefined) return { status: 200, body: wireRun(run) };
      const versions = state.versions.get(Number(/^\/workflow\/(\d+)\/versions$/.exec(path)?.[1]));
      if (versions !== undefined) return { status: 200, body: versions };
      switch (path) {
        case '/user/auth/user':
          return { status: 200, body: { id: 22, is_superuser: false } };
        case '/organizations/telephony-configs':
          return { status: 200, body: { configurations: state.accounts } };
        case `/organizations/telephony-configs/${String(dograhNumber.accountId)}/phone-numbers`:
          return { status: 200, body: { phone_numbers: [ownNumber] } };
        case '/workflow/fetch':
          return { status: 200, body: state.agents };
        case '/organizations/usage/runs':
          if (!state.isListReadable) return { status: 500, body: 'Internal Server Error' };
          return { status: 200, body: listOf([...runs.values()]) };
        default:
          return refusal(404, 'Not Found');
      }
    },
    callback(dial, event) {
      const run = runs.get(dial) ?? begin(dial);
      Object.assign(run, after(run, event));
      return null;
    },
    answerRequest: () => null,
  });
  return { ...vendor, state };
}

const noCredits = 'Dograh credits exhausted';

const readyAccount = {
  id: dograhNumber.accountId,
  name: 'Main',
  provider: 'twilio',
  inactive: false,
  is_ready_for_outbound: true,
  outbound_blocked_reason: null,
};

const ownNumber = { id: dograhNumber.id, address_normalized: dograhNumber.address, is_active: true };

function notFoundOf(path: string): string {
  return path.includes('/workflow/') ? 'Workflow not found' : 'Agent trigger not found';
}

function after({ gathered, reported }: DograhRun, event: CallEvent): Partial<DograhRun> {
  if (event === 'ringing' || event === 'answered') return { reported: [...reported, event] };
  const disposition = event === 'completed' ? 'user_hangup' : event;
  return {
    isCompleted: true,
    gathered: { ...gathered, call_disposition: disposition, mapped_call_disposition: disposition },
    seconds: event === 'completed' ? 12 : 0,
  };
}

function wireRun({ id, isCompleted, initialContext, gathered, seconds, reported }: DograhRun): JsonObject {
  return {
    id,
    workflow_id: 4,
    name: 'WR-API-7823',
    mode: 'twilio',
    created_at: '2026-08-22T03:04:05.123456Z',
    call_type: 'outbound',
    is_completed: isCompleted,
    initial_context: initialContext,
    gathered_context: gathered,
    usage_info: seconds === null ? null : { llm: {}, tts: {}, stt: {}, call_duration_seconds: seconds },
    cost_info: null,
    logs: { telephony_status_callbacks: reported.map((status) => ({ status })) },
  };
}

function listOf(runs: DograhRun[]): JsonObject {
  const rows = runs.map((run) => ({
    ...wireRun(run),
    call_duration_seconds: run.seconds ?? 0,
    disposition: run.gathered.mapped_call_disposition ?? null,
  }));
  return { runs: rows.reverse(), total_count: rows.length, page: 1, limit: 20, total_pages: 1 };
}

function refusal(status: number, detail: string): VendorAnswer {
  return { status, body: { detail } };
}
