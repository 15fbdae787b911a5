/** Tokens that give anybody access to the files of one run until they expire. */
import type { Services } from '../services';
import { readSignedId, signId } from '../signed-ids';

/** Creates a token that is valid for `DOWNLOAD_LINK_HOURS` from now. */
export function mintDownloadToken(
  { config, clock, secrets }: Pick<Services, 'config' | 'clock' | 'secrets'>,
  runId: number,
): string {
  const expiresAt = new Date(clock.steady().getTime() + config.downloadLinkHours * 3_600_000);
  return signId(secrets, 'files of a run', runId, expiresAt);
}

/** The run of the token; null for a forged, damaged or expired one. */
export function readDownloadToken(
  { clock, secrets }: Pick<Services, 'clock' | 'secrets'>,
  token: string,
): number | null {
  return readSignedId(secrets, 'files of a run', token, clock.steady());
}
