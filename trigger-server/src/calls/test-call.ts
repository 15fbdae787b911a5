/** Dograh's test call (`docs/dograh-api`, "Test call"): a call like any other, whose refusals have their own texts. */
import type { ProblemCode, TestCallRequest } from '@dograh-trigger/shared';
import { Problem } from '../problem';
import { findRun } from '../runs/runs';
import type { Services } from '../services';

/**
 * The number to call.
 * @throws Problem bad_request without a number, or for an unknown run; conflict for an existing run. This server makes a
 * new run for each call, so that nobody is called twice for one run.
 */
export async function readTestCall(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  request: TestCallRequest,
): Promise<string> {
  const { phone_number: phoneNumber, workflow_run_id: runId } = request;
  if (typeof runId === 'number') await refuseRun(services, organizationId, request.workflow_id, runId);
  if (phoneNumber) return phoneNumber;
  throw new Problem(
    'bad_request',
    'Phone number must be provided in request or set in organization preferences',
  );
}

async function refuseRun(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  agentId: number,
  runId: number,
): Promise<never> {
  const run = await findRun(services.storage.read, runId);
  if (run?.organization_id !== organizationId) throw new Problem('bad_request', 'Workflow run not found');
  if (run.agent_id !== agentId) throw new Problem('bad_request', 'workflow_run_workflow_mismatch');
  throw new Problem(
    'conflict',
    run.completed_at === null
      ? 'Workflow run already has an active call'
      : 'This run has had its call. Leave workflow_run_id out to place another one.',
  );
}

/** Refusals of a call that have another status or another text here. */
const ownWords: Partial<Record<ProblemCode, string>> = {
  telephony_configuration_not_found: 'telephony_configuration_not_found',
  telephony_not_configured: 'telephony_not_configured',
};

/** @throws what placing the call threw, in this route's words. */
export async function inTestCallWords<Reply>(placing: Promise<Reply>): Promise<Reply> {
  try {
    return await placing;
  } catch (error) {
    const words = error instanceof Problem ? ownWords[error.code] : undefined;
    if (!(error instanceof Problem) || words === undefined) throw error;
    throw new Problem('bad_request', words, { code: error.code, internal: error.internal, cause: error });
  }
}
