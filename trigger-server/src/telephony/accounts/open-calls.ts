/** The open calls of an account that another server holds: its settings must go on leading to that server. */
import type { JsonObject } from '@dograh-trigger/shared';
import type * as z from 'zod';
import { isCarriersFault } from '../../carriers/kit/ask';
import { fieldMetadata } from '../../carriers/masking';
import type { TelephonyProvider } from '../../carriers/port/provider';
import { findProvider } from '../../carriers/registry';
import { Problem } from '../../problem';
import { attemptOf, countOpenCalls, listFollowedRuns } from '../../runs/unfinished-runs';
import type { ConfigurationRow } from '../store';
import { carrierTools, type CarrierServices } from '../tools';

/**
 * Asks the server behind the new settings for an open call. Without it, the results of all open calls would be lost.
 * @param stored the settings before. @throws Problem conflict where that server does not have the call, or does not answer.
 */
export async function assertCallsAreThere(
  services: CarrierServices,
  row: ConfigurationRow,
  stored: JsonObject,
  settings: object,
): Promise<void> {
  const provider = findProvider(row.provider);
  if (provider?.follow === undefined || !leadsElsewhere(provider, stored, { ...settings })) return;
  const account = { organization_id: row.organization_id, telephony_configuration_id: row.id };
  const { read } = services.storage;
  const open = await countOpenCalls(read, account);
  if (open === 0) return;
  const placed = (await listFollowedRuns(read)).filter((run) => run.telephony_configuration_id === row.id);
  const run = placed.at(-1);
  if (run === undefined) throw refusal(open, 'They are being placed just now.');
  const call = { ...attemptOf(run), callId: run.provider_call_id, record: false, needsAll: true };
  const tools = carrierTools(services, row.provider, row.organization_id);
  try {
    const { report } = await provider.follow.read({ ...settings }, call, tools);
    if (report.status !== 'ended' || report.outcome !== 'record_gone') return;
  } catch (error) {
    if (!isCarriersFault(error)) throw error;
    throw refusal(
      open,
      `${provider.displayName} could not be asked with the new settings whether it has them.`,
    );
  }
  throw refusal(open, `${provider.displayName} does not have them under the new settings.`);
}

function leadsElsewhere(
  { configuration }: TelephonyProvider,
  stored: JsonObject,
  settings: Record<string, unknown>,
): boolean {
  return Object.entries<z.ZodType>(configuration.shape).some(([name, field]) => {
    const { destination, secret } = fieldMetadata(name, field);
    return (destination === true || secret === true) && settings[name] !== stored[name];
  });
}

function refusal(open: number, why: string): Problem {
  const calls =
    open === 1
      ? 'A call of this telephony configuration is'
      : `${String(open)} calls of this telephony configuration are`;
  return new Problem(
    'conflict',
    `${calls} open, and their results would be lost. ${why} Nothing was changed: wait until they have ended, or add another telephony configuration.`,
  );
}
