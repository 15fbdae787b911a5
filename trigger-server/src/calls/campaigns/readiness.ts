/** Whether a campaign could place its calls, as far as that does not depend on the contact. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { campaignRetry, type JsonObject } from '@dograh-trigger/shared';
import { resolveQueued, type RunnableAgent } from '../../agents/resolve-trigger';
import { findCallLimits } from '../../accounts/organizations';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { listOwnConfigurations } from '../../telephony/configurations';
import type { OutboundRoute } from '../../telephony/outbound-route';
import type { CarrierServices } from '../../telephony/tools';
import { answerMode } from '../carrier/answering';
import { voicemailFor } from '../order';
import { prepareCall } from '../prepare-call';
import { neededFor } from '../spoken';
import { orderOf, type Caller } from './order';
import { greetingColumns, recordedType } from './source/contacts';
import { listContacts } from './source/files';

type Needs = CarrierServices & Pick<Services, 'chance' | 'connections'>;

/** Of a possible number, for a call that is prepared and never made. */
const sampleNumber = '+12015550123';

/**
 * Prepares a call to a contact with a value in each column, and makes none.
 * @param columns the header of its file.
 * @returns the agent and the route that the call would use, and the variables that its texts need.
 * @throws Problem with Dograh's words where it has some: for an agent that cannot be called, columns that its texts need
 * and the file lacks, and telephony that is not ready.
 */
export async function checkReadiness(
  services: Needs,
  campaign: Caller & { agent_id: number },
  columns: readonly string[],
): Promise<{ agent: RunnableAgent; route: OutboundRoute; needed: string[] }> {
  const agent = await resolveQueued(services, campaign.organization_id, {
    agentId: campaign.agent_id,
    mode: 'production',
    definitionId: null,
  });
  const names = columns.map((name) => name.trim().toLowerCase()).filter((name) => name !== '');
  const context: JsonObject = Object.fromEntries(names.map((name) => [name, name] as const));
  const contact = { phoneNumber: sampleNumber, context };
  const order = orderOf(campaign, agent.agentUuid, contact, campaignRetry.parse({}));
  order.request.strict_variables = false;
  const call = await prepareCall(services, order, agent).catch((error: unknown) => {
    // Dograh's status and word for it here.
    if (!(error instanceof Problem) || error.code !== 'telephony_configuration_not_found') throw error;
    throw new Problem('bad_request', 'telephony_configuration_not_found', { code: error.code });
  });
  if (call.unresolved.length > 0) {
    const missing = [...call.unresolved].sort().map((name) => `'${name}'`);
    throw new Problem(
      'bad_request',
      `Workflow uses template variables that are missing from the source data: ${missing.join(', ')}. Add the missing columns or remove them from the workflow.`,
    );
  }
  const message = voicemailFor(call)?.message ?? null;
  return { agent, route: call.route, needed: neededFor(agent, agent.needs.greeting, message) };
}

/** So many lines are named in a refusal, as in Dograh. */
const mostNamed = 5;
const rowsAtOnce = 1000;

/** A column whose values are checked. */
interface CheckedColumn {
  /** In the header. */
  at: number;
  isWrong: (value: string) => boolean;
  /** @param rows the lines of the wrong ones, in words. */
  refusal: (rows: string) => string;
}

function valueColumns(names: readonly string[], needed: readonly string[]): CheckedColumn[] {
  return names.flatMap((name, at): CheckedColumn[] => {
    if (!needed.includes(name)) return [];
    const refusal = (rows: string) =>
      `Template variable '${name}' is empty in rows: ${rows}. All template variables used in the workflow must have values in every row.`;
    return [{ at, isWrong: (value) => value === '', refusal }];
  });
}

/** Only a Dograh has recordings, and its agents are not known when the file is sent. */
function greetingColumn(names: readonly string[], agent: RunnableAgent): CheckedColumn[] {
  const at = names.indexOf(greetingColumns.type);
  if (at === -1 || answerMode(agent.configurations) === 'dograh') return [];
  const refusal = (rows: string) =>
    `The greeting is a recording in rows: ${rows}. Only an agent whose calls a Dograh holds can play one. Choose such an agent, or write text in ${greetingColumns.type} and the greeting in ${greetingColumns.text}.`;
  return [{ at, isWrong: (value) => value.toLowerCase() === recordedType, refusal }];
}

/**
 * Checks the values of all contacts: as Dograh, so that nobody hears a sentence with a gap.
 * @param columns the header of the file. @param ready the agent, and the variables that its texts need.
 * @throws Problem bad_request, with Dograh's words where a contact has no value for one of them.
 */
export async function checkValues(
  { storage }: Pick<Services, 'storage'>,
  fileId: number,
  columns: readonly string[],
  { agent, needed }: { agent: RunnableAgent; needed: readonly string[] },
): Promise<void> {
  const names = columns.map((name) => name.trim().toLowerCase());
  const asked = [...valueColumns(names, needed), ...greetingColumn(names, agent)].map((column) => {
    return { ...column, lines: [] as number[] };
  });
  if (asked.length === 0) return;
  for (let after = 0; ;) {
    const contacts = await listContacts(storage.read, fileId, after, rowsAtOnce);
    for (const { line, cells } of contacts) {
      for (const { at, isWrong, lines } of asked) if (isWrong((cells[at] ?? '').trim())) lines.push(line);
    }
    after = contacts.at(-1)?.line ?? after;
    if (contacts.length < rowsAtOnce) break;
    await nextTurn();
  }
  const wrong = asked.find(({ lines }) => lines.length > 0);
  if (wrong === undefined) return;
  const more = wrong.lines.length - mostNamed;
  const rows = `${wrong.lines.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
  throw new Problem('bad_request', wrong.refusal(rows));
}

/** @throws Problem bad_request with Dograh's words. */
export async function checkConcurrency(
  services: Pick<Services, 'config' | 'storage' | 'connections' | 'secrets'>,
  organizationId: number,
  configurationId: number | null,
  wanted: number | null | undefined,
): Promise<void> {
  if (wanted === null || wanted === undefined) return;
  const { slots } = await findCallLimits(services.storage.read, organizationId);
  const configurations = await listOwnConfigurations(services, organizationId);
  const numbers = configurations.find(({ id }) => id === configurationId)?.phone_number_count ?? 0;
  const most = numbers > 0 ? Math.min(slots, numbers) : slots;
  if (wanted <= most) return;
  throw new Problem(
    'bad_request',
    most < slots
      ? `max_concurrency (${String(wanted)}) cannot exceed ${String(most)}. You have ${String(numbers)} phone number(s) configured. Add more CLIs in telephony configuration to increase concurrency.`
      : `max_concurrency (${String(wanted)}) cannot exceed organization limit (${String(most)})`,
  );
}

/** @throws Problem unauthenticated, as Dograh, where the organization has no telephony at all. */
export async function requireTelephony(
  services: Pick<Services, 'config' | 'storage' | 'connections' | 'secrets'>,
  organizationId: number,
): Promise<void> {
  if ((await listOwnConfigurations(services, organizationId)).length > 0) return;
  throw new Problem(
    'unauthenticated',
    'You must configure telephony first by going to APP_URL/configure-telephony',
    { code: 'telephony_not_configured' },
  );
}
