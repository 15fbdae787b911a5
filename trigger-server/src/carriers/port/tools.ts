/** What the server lends a provider for its way to its vendor. */
import type { Logger } from 'pino';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../clock';
import type { CarrierHttp } from '../../egress/client';
import type { CarrierDownload } from '../../egress/download';

/** What the server lends a provider. */
export interface CarrierTools {
  clock: Clock;
  log: Logger;
  /** Bounded in time, and replaceable in tests by loopback servers only: there is no other way out. */
  http: CarrierHttp;
  /** For recordings: streamed, and without credentials wherever the carrier redirects to. */
  download: CarrierDownload;
  /** undici's dispatcher for a WebSocket to an address that a tenant supplied; `http` has `guarded` for the same. */
  guardedDispatcher: Dispatcher;
  /**
   * A vendor's URL, its scheme, host and port replaced by `<VENDOR>_API_BASE_URL` where the operator set it.
   * @param url the vendor's documented address, e.g. `https://api.example.com/v1/calls`.
   */
  apiUrl(url: string): string;
  /** How long the sandbox stays in one status. */
  sandboxStepMilliseconds: number;
  /** The command that turns text (standard input) into a WAV file (standard output), and its arguments. */
  ttsCommand: readonly string[];
}
