/** What Dograh has: the numbers that its calls can show, and the call of a dial. */
import { callListPath, endedWithoutCarrier, jsonObject, runReasons } from '@dograh-trigger/shared';
import * as z from 'zod';
import { handOverMark, hasMark } from '../../port/hand-over';
import type { RemoteCallerId } from '../../port/agents';
import type { SentCall } from '../../port/call';
import type { CarrierTools } from '../../port/tools';
import { readFromDograh } from './api';
import { markOf, type Configuration } from './configuration';

const accounts = z.looseObject({
  configurations: z.array(
    z.looseObject({
      id: z.int(),
      name: z.string(),
      inactive: z.boolean().nullish(),
      is_ready_for_outbound: z.boolean(),
      outbound_blocked_reason: z.string().nullish(),
    }),
  ),
});

/** The active telephony configurations. @throws NotSentError, NoReplyError, CarrierFailure. */
export async function listAccounts(configuration: Configuration, tools: CarrierTools) {
  const list = await readFromDograh(configuration, '/organizations/telephony-configs', accounts, tools);
  return (list?.configurations ?? []).filter(({ inactive }) => inactive !== true);
}

const numbers = z.looseObject({
  phone_numbers: z.array(
    z.looseObject({ id: z.int(), address_normalized: z.string(), is_active: z.boolean() }),
  ),
});

/** The numbers that calls through Dograh can show. @throws NotSentError, NoReplyError, CarrierFailure. */
export async function listCallerIds(
  configuration: Configuration,
  tools: CarrierTools,
): Promise<RemoteCallerId[]> {
  const found: RemoteCallerId[] = [];
  for (const { id: telephonyConfigurationId, name } of await listAccounts(configuration, tools)) {
    const path = `/organizations/telephony-configs/${String(telephonyConfigurationId)}/phone-numbers`;
    const list = await readFromDograh(configuration, path, numbers, tools);
    for (const { id: phoneNumberId, address_normalized: address, is_active } of list?.phone_numbers ?? []) {
      if (!is_active) continue;
      found.push({
        ...{ address, phoneNumberId, telephonyConfigurationId },
        telephonyConfigurationName: name,
      });
    }
  }
  return found;
}

/** Whether one of Dograh's telephony configurations has this number (E.164), as `TelephonyProvider.ownsNumber`. */
export async function ownsNumber(
  configuration: Configuration,
  number: string,
  tools: CarrierTools,
): Promise<boolean> {
  return (await listCallerIds(configuration, tools)).some(({ address }) => address === number);
}

const markedCall = z.looseObject({
  id: z.int(),
  initial_context: jsonObject.nullish(),
  gathered_context: jsonObject.nullish().catch(null),
  reason: z.enum(runReasons).nullish().catch(null),
  omitted_fields: z.array(z.string()).nullish(),
});
type MarkedCall = z.infer<typeof markedCall>;
const markedCalls = z.looseObject({ runs: z.array(markedCall), total_pages: z.int() });

type Sent = Pick<SentCall, 'runId' | 'attempt' | 'to' | 'sentAt'>;

/** Dograh's clock and ours may differ by so much. */
const skewMilliseconds = 60 * 60_000;
/** Few, because a context may be long, and a whole reply has at most 1 MiB. */
const callsOfPage = 20;
const mostPages = 10;

/** After it, the run of a dial is in the list, if there is one: longer than the requests of a dial may take. */
const listedMilliseconds = 120_000;

/**
 * The newest run at Dograh that carries the mark of this dial. Dograh lists a call before it dials. A dial that was refused for
 * a while is repeated with the same mark: so a run of which Dograh says that it never asked its carrier may be an earlier
 * dial's, and does not count while the run of this one may not be there yet.
 * @returns its id, if there is one. @throws NotSentError, NoReplyError, CarrierFailure.
 */
export async function findCall(
  configuration: Configuration,
  sent: Sent,
  tools: CarrierTools,
): Promise<string[]> {
  const { dialled, undialled } = await findMarked(configuration, sent, tools);
  const isListed = tools.clock.now().getTime() - sent.sentAt.getTime() >= listedMilliseconds;
  const call = dialled ?? (isListed ? undialled : null);
  return call === null ? [] : [String(call.id)];
}

/** As {@link findCall}, right after the dial: only a run of which Dograh may have asked its carrier. */
export async function findDialled(
  configuration: Configuration,
  sent: Sent,
  tools: CarrierTools,
): Promise<string | null> {
  const { dialled } = await findMarked(configuration, sent, tools);
  return dialled === null ? null : String(dialled.id);
}

/**
 * The newest run with the mark of which Dograh may have asked its carrier (`dialled`). Without one, the newest of the
 * others (`undialled`).
 */
interface Marked {
  dialled: MarkedCall | null;
  undialled: MarkedCall | null;
}

async function findMarked(configuration: Configuration, sent: Sent, tools: CarrierTools): Promise<Marked> {
  const mark = handOverMark(markOf(configuration), sent);
  const createdSince = new Date(sent.sentAt.getTime() - skewMilliseconds);
  let undialled: MarkedCall | null = null;
  for (let page = 1; page <= mostPages; page += 1) {
    const path = callListPath({ page, limit: callsOfPage, createdSince, calledNumber: sent.to });
    const list = await readFromDograh(configuration, path, markedCalls, tools);
    for (const call of list?.runs ?? []) {
      const isCut = call.omitted_fields?.includes('initial_context') === true;
      const whole = isCut ? await readMarked(configuration, call.id, tools) : call;
      if (whole === null || !hasMark(whole.initial_context, mark)) continue;
      if (!endedWithoutCarrier(call)) return { dialled: call, undialled };
      undialled ??= call;
    }
    if (list === null || page >= list.total_pages) break;
  }
  return { dialled: null, undialled };
}

function readMarked(configuration: Configuration, runId: number, tools: CarrierTools) {
  return readFromDograh(configuration, `/workflow/0/runs/${String(runId)}`, markedCall, tools);
}
