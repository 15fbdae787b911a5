/**
 * The turns of a conversation with what this server decides about transfers: never to a number that may not be called. A
 * transfer that cannot be made goes back to the agent, in the same turn of the callee.
 */
import type { DestinationPolicy } from '@dograh-trigger/shared';
import type { CallAttempt } from '../../carriers/port/call-name';
import type { FromCallee, TalkReply } from '../../carriers/port/talk';
import type { Heard } from '../../conversations/engine/port';
import type { Transfer } from '../../conversations/engine/script';
import { extractValues } from '../../conversations/talk/extract-values';
import { takeTurn, type Listener } from '../../conversations/talk/take-turn';
import type { TalkServices } from '../../conversations/talk/talk-services';
import { gatheredIn, progressOf, type StoredReply } from '../../conversations/talk/talks';
import { readDefinition } from '../../conversations/tools/tools';
import { mappedDestination } from '../../conversations/tools/transfer-rules';
import { Problem } from '../../problem';
import { findRunOfAttempt } from '../../runs/attempts/attempts';
import { promptContext } from '../../runs/prompt-context';
import type { RunRow } from '../../runs/runs';
import { parseDestination, type Destination } from '../policy/destination';
import { assertNumberAllowed, readPolicy } from '../policy/destination-policy';
import { findDoNotCall } from '../policy/do-not-call/blocked';

/** Why a transfer is not made, as the model is told. The first is Dograh's word. */
type Refusal = 'no_context_mapping_match' | 'invalid_destination' | 'destination_not_allowed';

/** A turn, as `CallReports.hear` has it. @param listener as of `takeTurn`. */
export async function hearTurn(
  services: TalkServices,
  call: CallAttempt,
  turn: number,
  heard: FromCallee | null,
  listener?: Listener,
): Promise<TalkReply | null> {
  const reply = await takeTurn(services, call, turn, await asHeard(services, call, heard), [], listener);
  return reply === null ? null : decided(services, call, reply, listener);
}

/** How far a conversation has come. @returns null for one that has not begun. */
export async function talkProgress(
  services: TalkServices,
  call: CallAttempt,
): Promise<{ turn: number; reply: TalkReply | null } | null> {
  const progress = await progressOf(services.storage.read, call);
  if (progress?.reply == null) return progress === null ? null : { turn: progress.turn, reply: null };
  const reply = await decided(services, call, progress.reply);
  const { turn } = (await progressOf(services.storage.read, call)) ?? progress;
  return { turn, reply };
}

/** Null while another one computes what a refused transfer comes to. */
async function decided(
  services: TalkServices,
  call: CallAttempt,
  reply: StoredReply,
  listener?: Listener,
): Promise<TalkReply | null> {
  const { then } = reply;
  if (typeof then === 'string') return { ...reply, then };
  const target = await allowedTarget(services, call, then);
  if (target === null) return null;
  if ('to' in target) {
    return { ...reply, then: { transferTo: target.to, timeoutSeconds: then.timeoutSeconds } };
  }
  const turn = (await progressOf(services.storage.read, call))?.turn ?? 0;
  const failed: Heard = { kind: 'transfer_failed', reason: target.refusal };
  const next = await takeTurn(services, call, turn, failed, reply.say, listener);
  return next === null ? null : decided(services, call, next, listener);
}

/** The number in E.164, if it may be called; null while values that decide it are extracted elsewhere. */
async function allowedTarget(
  services: TalkServices,
  call: CallAttempt,
  transfer: Transfer,
): Promise<{ to: string } | { refusal: Refusal } | null> {
  const run = await findRunOfAttempt(services.storage.read, call);
  if (run === undefined) throw new Error(`There is no run ${String(call.runId)} with this attempt`);
  if ('transferTo' in transfer) return allowedNumber(services, run, transfer.transferTo);
  if ((await extractValues(services, call)) === 'busy') return null;
  const number = await chosenNumber(services, call, run, transfer.transferBy);
  return number === null ? { refusal: 'no_context_mapping_match' } : allowedNumber(services, run, number);
}

/** The number that the rules of a tool choose; null: none has one. */
async function chosenNumber(
  { storage: { read } }: Pick<TalkServices, 'storage'>,
  call: CallAttempt,
  run: RunRow,
  toolUuid: string,
): Promise<string | null> {
  const definition = await readDefinition(read, run.organization_id, toolUuid);
  if (definition.type !== 'transfer_call') return null;
  const gathered = await gatheredIn(read, call);
  return mappedDestination(definition.config, { ...promptContext(run), ...gathered });
}

async function allowedNumber(
  services: Pick<TalkServices, 'storage' | 'clock'>,
  run: RunRow,
  number: string,
): Promise<{ to: string } | { refusal: Refusal }> {
  const destination = readNumber(number);
  if (destination === null) return { refusal: 'invalid_destination' };
  const { e164 } = destination;
  const { organization_id: organizationId } = run;
  const policy = await readPolicy(services, organizationId);
  const callee = { organizationId, number: e164, at: services.clock.now() };
  const [listed] = await findDoNotCall(services.storage.read, [callee]);
  // The callee's own number is busy.
  const isAllowed = listed === null && e164 !== run.called_number && isPermitted(policy, destination);
  return isAllowed ? { to: e164 } : { refusal: 'destination_not_allowed' };
}

function readNumber(text: string): Destination | null {
  try {
    return parseDestination(text);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

function isPermitted(policy: DestinationPolicy, destination: Destination): boolean {
  try {
    assertNumberAllowed(policy, destination);
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

/** With the number of the transfer that has ended, for the run. */
export async function asHeard(
  services: TalkServices,
  call: CallAttempt,
  heard: FromCallee | null,
): Promise<Heard | null> {
  if (heard?.kind !== 'transferred' && heard?.kind !== 'transfer_failed') return heard;
  const progress = await progressOf(services.storage.read, call);
  const then = progress?.reply?.then ?? 'listen';
  const target = typeof then === 'string' ? null : await allowedTarget(services, call, then);
  const to = target !== null && 'to' in target ? masked(target.to) : null;
  if (heard.kind === 'transferred') return { kind: 'transferred', to: to ?? 'unknown' };
  return { kind: 'transfer_failed', reason: heard.reason, ...(to === null ? {} : { to }) };
}

/** Only the last four digits. */
function masked(number: string): string {
  return `+${'*'.repeat(number.length - 5)}${number.slice(-4)}`;
}
