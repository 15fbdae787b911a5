/** What a provider may use of the server. */
import type { CarrierTools } from '../carriers/port/tools';
import type { Services } from '../services';

/** Whoever speaks to a carrier on an account's behalf needs these: to open the account, and for the provider's tools. */
export type CarrierServices = Pick<
  Services,
  'config' | 'storage' | 'clock' | 'secrets' | 'carrier' | 'log' | 'callReports'
>;

/**
 * @param providerName whose `<VENDOR>_API_BASE_URL` holds.
 * @param organizationId on whose behalf; null: of several.
 */
export function carrierTools(
  { clock, log, carrier, config }: Pick<Services, 'clock' | 'log' | 'carrier' | 'config'>,
  providerName: string,
  organizationId: number | null,
): CarrierTools {
  return {
    clock,
    log,
    http: (request) => carrier.send(request, organizationId),
    download: carrier.download,
    guardedDispatcher: carrier.guardedDispatcher,
    sandboxStepMilliseconds: config.sandboxStepMilliseconds,
    ttsCommand: config.ttsCommand,
    apiUrl(url) {
      const base = config.carrierBaseUrls.get(providerName);
      if (base === undefined) return url;
      const { pathname, search } = new URL(url);
      return `${base}${pathname}${search}`;
    },
  };
}
