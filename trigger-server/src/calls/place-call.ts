/**
 * The main job: one request becomes one call. In order: replay a repeat, resolve the agent, resolve telephony,
 * check the number, record the run durably, dial, record the outcome. Nothing else in the server dials.
 */
import type { TriggerRequest } from '@dograh-trigger/shared';
import { resolveTrigger, type RunnableAgent } from '../agents/resolve-trigger';
import { describeError } from '../describe-error';
import type { Identity } from '../http/route';
import { Problem } from '../problem';
import { findOrganizationLine, findRun, openRun, recordDial, type RunRow } from '../runs/runs';
import { retryLater } from '../retry-later';
import type { Services } from '../services';
import type { DialOutcome } from '../storage/schema';
import { isUniqueViolation } from '../storage/sqlite';
import type { Session } from '../storage/storage';
import {
  answeredCallOf,
  answerMode,
  defaultMaxCallDurationSeconds,
  defaultRingTimeoutSeconds,
} from '../telephony/answering';
import { callbackUrl } from '../telephony/callback-urls';
import { resolveOutboundLine, type OutboundLine } from '../telephony/outbound';
import type { Answer, DialResult } from '../telephony/provider';
import { providerHost } from '../telephony/host';
import { replaceCallbackUrl, saveCallbackUrl } from '../webhooks/callback-url';
import { parseDestination, type Destination } from './destination';
import { assertDestinationAllowed, countTowardsLimit, parsePolicy } from './destination-policy';
import {
  assertKeyIsFree,
  claimIdempotencyKey,
  findEarlierRun,
  KeyTakenError,
  type IdempotentRequest,
} from './idempotency';
import { buildInitialContext } from './initial-context';

export interface CallOrder {
  identity: Identity;
  target: { triggerUuid: string } | { agentUuid: string };
  mode: 'production' | 'test';
  request: TriggerRequest;
  idempotent: IdempotentRequest | null;
  /** Who wants to be told of the end of the call. */
  callbackUrl: string | null;
}

/** What the caller is told about the run, whatever became of its dial. */
export interface CallReceipt {
  runId: number;
  runName: string;
  agentId: number;
  /** `null` while the dial of an earlier request with the same idempotency key is under way. */
  outcome: DialOutcome | null;
  /** Why the carrier refused, in its words. */
  refusal: string | null;
  replayed: boolean;
}

const unrecorded = 'the outcome of a dial could not be written; it is tried again';
/** How long after ringing and talking must be over a run may still wait for its carrier's last word. */
const graceSeconds = 60;
/** When to come again for a slot: of ten calls of a minute, one ends every six seconds. */
const slotPauseSeconds = '5';

/** @throws Problem for every refusal before the run exists; what the dial came to is in the receipt. */
export async function placeCall(services: Services, order: CallOrder): Promise<CallReceipt> {
  const { organizationId } = order.identity;
  if (order.idempotent !== null) {
    const earlier = await findEarlierRun(services, organizationId, order.idempotent);
    if (earlier !== null) return replay(services, order, earlier);
  }
  const agent = await resolveTrigger(services, organizationId, order.target, order.mode);
  const line = await resolveOutboundLine(services, organizationId, {
    configurationId: order.request.telephony_configuration_id,
    fromPhoneNumberId: order.request.from_phone_number_id,
  });
  const destination = parseDestination(order.request.phone_number);
  assertAnswerable(agent, line);

  // Dograh's form of a name. Not unique there either: the id tells runs apart.
  const digits = services.chance.integer(1000, 9999);
  const runName = `WR-${order.mode === 'test' ? 'TEST' : 'API'}-${String(digits)}`;
  let runId: number;
  try {
    runId = await services.storage.write((session) =>
      recordRun(services, session, order, agent, line, destination, runName),
    );
  } catch (error) {
    const isTaken = error instanceof KeyTakenError || isUniqueViolation(error);
    if (order.idempotent === null || !isTaken) throw error;
    // A request with the same key came in between: it has the call.
    const earlier = await findEarlierRun(services, organizationId, order.idempotent);
    if (earlier === null) throw error;
    return replay(services, order, earlier);
  }
  const dialled = await dial(services, runId, agent, line, destination.e164);
  const result = await recordOutcome(services, runId, dialled);
  return {
    runId,
    runName,
    agentId: agent.agentId,
    outcome: result.outcome,
    refusal: result.outcome === 'refused' ? result.detail : null,
    replayed: false,
  };
}

/** @throws Problem not_implemented when the carrier cannot do what the agent's calls need. */
function assertAnswerable(agent: RunnableAgent, line: OutboundLine): void {
  const mode = answerMode(agent.configurations);
  if (line.provider.answers.includes(mode)) return;
  throw new Problem(
    'not_implemented',
    `Calls through ${line.provider.displayName} cannot be answered with '${mode}'. Choose another telephony configuration, or set the agent's answer to ${line.provider.answers.join(' or ')}.`,
    { code: 'answer_not_supported' },
  );
}

function ringTimeoutSeconds({ configurations }: RunnableAgent): number {
  return configurations.ring_timeout_seconds ?? defaultRingTimeoutSeconds;
}

function maxCallDurationSeconds({ configurations }: RunnableAgent): number {
  return configurations.max_call_duration ?? defaultMaxCallDurationSeconds;
}

/** Where the carrier cannot record, a call is made all the same, without a recording. */
function isRecorded({ configurations }: RunnableAgent, line: OutboundLine): boolean {
  return configurations.recording_enabled === true && line.provider.openRecording !== undefined;
}

/** After this the watchdog ends the run. */
function longestSeconds(agent: RunnableAgent): number {
  return ringTimeoutSeconds(agent) + maxCallDurationSeconds(agent) + graceSeconds;
}

/** The latest callback URL is the one that is told. */
async function replay(services: Services, order: CallOrder, run: RunRow): Promise<CallReceipt> {
  const { callbackUrl: url } = order;
  if (url !== null) {
    await services.storage.write((session) => replaceCallbackUrl(services, session, run.id, url));
  }
  return replayOf(run);
}

function replayOf(run: RunRow): CallReceipt {
  return {
    runId: run.id,
    runName: run.name,
    agentId: run.agent_id,
    outcome: run.dial_outcome,
    refusal: run.dial_detail,
    replayed: true,
  };
}

/** A slot is an unfinished run: counting and taking one is a single transaction, so the limit holds. */
async function recordRun(
  services: Services,
  session: Session,
  order: CallOrder,
  agent: RunnableAgent,
  line: OutboundLine,
  destination: Destination,
  runName: string,
): Promise<number> {
  const { organizationId, apiKeyId, userId } = order.identity;
  if (order.idempotent !== null) await assertKeyIsFree(services, session, organizationId, order.idempotent);
  const now = services.clock.now();
  const { slots, taken, ...organization } = await findOrganizationLine(session, organizationId);
  const policy = parsePolicy(organization.policy);
  assertDestinationAllowed(policy, destination, now);
  if (taken >= slots) {
    throw new Problem('busy', 'Concurrent call limit reached', {
      code: 'concurrency_limit',
      ...(services.config.extensions.size > 0 ? { headers: { 'Retry-After': slotPauseSeconds } } : {}),
    });
  }
  // Last, because it is what a refusal before it would have to take back.
  await countTowardsLimit(session, policy, apiKeyId, now);
  const calledNumber = destination.e164;
  const triggerPath = 'triggerUuid' in order.target ? order.target.triggerUuid : null;
  const context = buildInitialContext({
    templateDefaults: agent.templateVariables,
    provider: line.providerName,
    calledNumber,
    triggerMode: order.mode,
    telephonyConfigurationId: line.configurationId,
    fromPhoneNumberId: order.request.from_phone_number_id ?? null,
    identifier: triggerPath ?? agent.agentUuid,
    identifierType: triggerPath === null ? 'workflow_uuid' : 'trigger_path',
    agentUuid: agent.agentUuid,
    apiKeyId,
    apiKeyCreatedBy: userId,
    callerContext: order.request.initial_context ?? null,
  });
  const runId = await openRun(session, {
    organization_id: organizationId,
    agent_id: agent.agentId,
    definition_id: agent.definitionId,
    name: runName,
    mode: line.providerName,
    trigger_mode: order.mode,
    trigger_path: triggerPath,
    telephony_configuration_id: line.configurationId,
    called_number: calledNumber,
    caller_number: line.callerNumber,
    fallback_from: null,
    ignored_fields: null,
    unresolved_variables: null,
    is_recorded: isRecorded(agent, line) ? 1 : 0,
    initial_context: JSON.stringify(context),
    created_at: now.toISOString(),
    deadline_at: new Date(now.getTime() + longestSeconds(agent) * 1000).toISOString(),
  });
  if (order.callbackUrl !== null) await saveCallbackUrl(session, runId, order.callbackUrl);
  if (order.idempotent !== null) {
    await claimIdempotencyKey(services, session, { ...order.idempotent, organizationId, runId });
  }
  return runId;
}

async function dial(
  services: Services,
  runId: number,
  agent: RunnableAgent,
  line: OutboundLine,
  calledNumber: string,
): Promise<DialResult> {
  try {
    return await line.provider.placeCall(
      line.configuration,
      {
        runId,
        configurationId: line.configurationId,
        to: calledNumber,
        from: line.callerNumber,
        ringTimeoutSeconds: ringTimeoutSeconds(agent),
        maxCallDurationSeconds: maxCallDurationSeconds(agent),
        record: isRecorded(agent, line),
        loadAnswer: () => answerOf(services, runId),
        callbackUrl: (purpose) =>
          callbackUrl(services, {
            provider: line.providerName,
            configurationId: line.configurationId,
            runId,
            purpose,
          }),
      },
      providerHost(services, line.providerName),
    );
  } catch (error) {
    // A provider that fails unexpectedly may have dialled first.
    services.log.error({ runId, error: describeError(error) }, 'a dial failed unexpectedly');
    return { outcome: 'unknown' };
  }
}

/** Read back from the run, so that it is the same as when a carrier asks later. */
async function answerOf(services: Services, runId: number): Promise<Answer> {
  const session = services.storage.read;
  const run = await findRun(session, runId);
  if (run === undefined) throw new Error(`There is no run ${String(runId)}`);
  return (await answeredCallOf(services, session, run)).answer;
}

/**
 * Where the outcome cannot be written, the caller is told what is certain, that a call may have been placed, and the
 * writing goes on until it succeeds: a repeat is answered out of the run, and a slot is freed by it.
 */
async function recordOutcome(services: Services, runId: number, result: DialResult): Promise<DialResult> {
  const record = () => services.storage.write((session) => recordDial(services, session, runId, result));
  try {
    await record();
    return result;
  } catch (error) {
    services.log.error({ runId, error: describeError(error) }, unrecorded);
    retryLater(services, unrecorded, record);
    return { outcome: 'unknown' };
  }
}
