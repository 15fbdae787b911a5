/** The parts of the server that a provider may use. */
import type { CarrierTools } from '../carriers/port/tools';
import type { Services } from '../services';

/** The services needed to open an account and to build its provider's tools. */
export type CarrierServices = Pick<
  Services,
  'config' | 'storage' | 'clock' | 'secrets' | 'carrier' | 'log' | 'callReports' | 'hasModel'
>;

/**
 * @param providerName the provider whose `<VENDOR>_API_BASE_URL` applies.
 * @param organizationId the organization of the account; null if there are several.
 */
export function carrierTools(
  {
    clock,
    log,
    carrier,
    config,
    secrets,
  }: Pick<Services, 'clock' | 'log' | 'carrier' | 'config' | 'secrets'>,
  providerName: string,
  organizationId: number | null,
): CarrierTools {
  return {
    clock,
    log,
    http: (request) => carrier.send(request, organizationId),
    download: carrier.download,
    guardedDispatcher: carrier.guardedDispatcher,
    serverId: secrets.serverId,
    sandboxStepMilliseconds: config.sandboxStepMilliseconds,
    ttsCommand: config.ttsCommand,
    sttCommand: config.sttCommand,
    apiUrl(url) {
      const base = config.carrierBaseUrls.get(providerName);
      if (base === undefined) return url;
      const { pathname, search } = new URL(url);
      return `${base}${pathname}${search}`;
    },
  };
}
