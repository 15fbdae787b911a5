/** The address at which people reach the server. */
import type { Config } from './config';

/** @param port the actual port, which differs from `config.port` if that is 0. @returns no trailing slash. */
export function ownAddress(config: Pick<Config, 'host' | 'publicBaseUrl'>, port: number): string {
  if (config.publicBaseUrl !== null) return config.publicBaseUrl;
  const host = config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}
