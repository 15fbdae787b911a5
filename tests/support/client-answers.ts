/** A call, and what servers answer to it, for tests of the client. */
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
export const underWay = json(409, { detail: 'A call with this idempotency key is still being placed' });
export const gatewayTimeout = text(504, '<html>Gateway Timeout</html>');
export const health = (extensions?: string[]) => json(200, { status: 'ok', version: '1.45.0', extensions });
export const keepsKeys = health(['idempotency-key']);
