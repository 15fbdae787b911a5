/** A call and possible answers of servers, for tests of the client. */
import type { CallRequest } from '@dograh-trigger/shared';
import { json, text } from './scripted-client';

export const call: CallRequest = {
  target: { triggerUuid: 'support' },
  environment: 'production',
  phoneNumber: '+1 (415) 555-0100',
};
export const keyed: CallRequest = { ...call, idempotencyKey: 'order-1001' };
export const dial = 'POST /public/agent/support';

export const placed = json(
  200,
  { status: 'initiated', workflow_run_id: 12, workflow_run_name: 'WR-API-1234' },
  { location: '/api/v1/workflow/7/runs/12' },
);
export const replayed = { ...placed, headers: { ...placed.headers, 'idempotency-replayed': 'true' } };
export const busy = json(429, { detail: 'Concurrent call limit reached' });
export const inProgress = json(409, { detail: 'Wait for the first one.', code: 'call_in_progress' });
export const carrierAway = json(
  400,
  { detail: 'Failed to initiate call: no connection', code: 'carrier_unreachable' },
  { 'retry-after': '4' },
);
export const draining = json(503, { detail: 'Stopping.', code: 'draining' }, { 'retry-after': '5' });
export const gatewayTimeout = text(504, '<html>Gateway Timeout</html>');
export const health = (extensions?: string[]) => json(200, { status: 'ok', version: '1.45.0', extensions });
export const keepsKeys = health(['idempotency-key']);
