/** Whether the settings lead to a Dograh that can place calls, and which is not this server itself. */
import { randomBytes } from 'node:crypto';
import { isRefusedTarget } from '../../../egress/address-guard';
import { NotSentError } from '../../../egress/client';
import { Problem } from '../../../problem';
import { isCarriersFault } from '../../kit/ask';
import { parseJson, refusalText } from '../../kit/dial';
import type { Verdict } from '../../port/provider';
import type { CarrierTools } from '../../port/tools';
import { listAgents } from './agents';
import { askHealth, carrier, dograhRequest, readProblem, words } from './api';
import type { Configuration } from './configuration';
import { listAccounts } from './lists';

/** Asks Dograh whether it can place calls with these settings, and says what is missing in its words. */
export async function verify(configuration: Configuration, tools: CarrierTools): Promise<Verdict> {
  try {
    const fault = await findFault(configuration, tools);
    if (fault !== null) return fault;
    return (
      wrong(accountFault(await listAccounts(configuration, tools))) ??
      wrong((await listAgents(configuration, tools)).length === 0 ? noAgents : null) ?? {
        ok: true,
        detail: `${carrier} accepts these settings.`,
        field: null,
      }
    );
  } catch (error) {
    if (!isCarriersFault(error)) throw error;
    return faultOf(error);
  }
}

/**
 * Makes the mark of the account. A Dograh that refuses the key, and an address that is not a Dograh's or is our own, are
 * errors. One that cannot be reached now, or has no telephony or agents yet, is not.
 * @throws Problem bad_request.
 */
export async function prepare(configuration: Configuration, tools: CarrierTools): Promise<Configuration> {
  const fault = await findFault(configuration, tools).catch((error: unknown) => {
    if (!isCarriersFault(error)) throw error;
    return faultOf(error);
  });
  if (fault?.ok === false) throw new Problem('bad_request', `${carrier} cannot be used: ${fault.detail}`);
  return { ...configuration, account_mark: configuration.account_mark ?? randomBytes(6).toString('hex') };
}

const noAgents =
  'Its organization has no active agent. Make one there, or use a key of another organization.';
const noAccounts = 'Its organization has no telephony configuration. Add one in Dograh under Telephony.';
const notDograh =
  'There is no Dograh under base_url. Copy the address of its API, such as https://api.dograh.com.';
const ourselves =
  'base_url leads to this server itself, so a call would call this server without end. Enter the address of a Dograh.';
const privateTarget =
  'base_url leads into a private network; the operator of this server allows some by ALLOWED_PRIVATE_TARGETS.';

function wrong(detail: string | null): Verdict | null {
  return detail === null ? null : { ok: false, detail, field: null };
}

/** Why Dograh cannot place calls, in its own words; null when one of its telephony configurations can. */
function accountFault(accounts: Awaited<ReturnType<typeof listAccounts>>): string | null {
  if (accounts.some((account) => account.is_ready_for_outbound)) return null;
  const [first] = accounts;
  return first === undefined
    ? noAccounts
    : `'${first.name}': ${first.outbound_blocked_reason ?? 'not ready'}`;
}

/**
 * Whether the address is a Dograh's, and the key is valid.
 * @returns null when both are. @throws NotSentError, NoReplyError.
 */
async function findFault(configuration: Configuration, tools: CarrierTools): Promise<Verdict | null> {
  const greeting = await askHealth(configuration, tools);
  if (greeting.status >= 500 || greeting.status === 429) return unclear(greeting.status);
  if (greeting.health === null) return { ok: false, detail: notDograh, field: 'base_url' };
  if (greeting.health.server_id === tools.serverId)
    return { ok: false, detail: ourselves, field: 'base_url' };
  const { status, body } = await tools.http(dograhRequest(configuration, '/user/auth/user'));
  if (status === 200) return null;
  const problem = readProblem(parseJson(body));
  const detail = refusalText(carrier, status, problem === undefined ? undefined : words(problem));
  return status === 401 || status === 403 ? { ok: false, detail, field: 'api_key' } : unclear(status);
}

function unclear(status: number): Verdict {
  return { ok: null, detail: `${carrier} answered with HTTP ${String(status)}.`, field: null };
}

function faultOf(error: unknown): Verdict {
  if (error instanceof NotSentError && isRefusedTarget(error.cause)) {
    return { ok: false, detail: privateTarget, field: 'base_url' };
  }
  return { ok: null, detail: `${carrier} could not be reached.`, field: null };
}
