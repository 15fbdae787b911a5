/** The services of the server that a provider uses to reach its vendor. */
import type { Logger } from 'pino';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../clock';
import type { CarrierHttp } from '../../egress/client';
import type { CarrierDownload } from '../../egress/download';

export interface CarrierTools {
  clock: Clock;
  log: Logger;
  /** Every request of a provider uses it. It has a time limit, and tests replace vendors by loopback servers only. */
  http: CarrierHttp;
  /** For recordings: streamed, and without credentials after a redirect. */
  download: CarrierDownload;
  /** undici's dispatcher for a WebSocket to an address from a tenant. `http` has `guarded` for the same. */
  guardedDispatcher: Dispatcher;
  /**
   * A vendor's URL. `<VENDOR>_API_BASE_URL`, if the operator set it, replaces its scheme, host and port.
   * @param url the vendor's documented address, e.g. `https://api.example.com/v1/calls`.
   */
  apiUrl(url: string): string;
  /** The `server_id` of this server's own `/health`. */
  serverId: string;
  /** How long the sandbox stays in one status. */
  sandboxStepMilliseconds: number;
  /** The command that turns text (standard input) into a WAV file (standard output), and its arguments. */
  ttsCommand: readonly string[];
  /** The command that turns a WAV file (standard input) into text (standard output); empty: there is none. */
  sttCommand: readonly string[];
}
