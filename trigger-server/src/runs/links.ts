/** The storage keys of a run's files, and links to them that expire. */
import type { Run } from '@dograh-trigger/shared';
import type { Services } from '../services';
import { mintDownloadToken } from './download-tokens';

export const artifactTypes = ['recording', 'transcript', 'user_recording', 'bot_recording'] as const;
export type ArtifactType = (typeof artifactTypes)[number];

/** The columns of a run that determine its files. */
export interface ArtifactRow {
  id: number;
  completed_at: string | null;
  has_transcript: number;
  recording_key: string | null;
}

type ArtifactUrls = Pick<
  Run,
  | 'transcript_url'
  | 'recording_url'
  | 'user_recording_url'
  | 'bot_recording_url'
  | 'transcript_public_url'
  | 'recording_public_url'
  | 'user_recording_public_url'
  | 'bot_recording_public_url'
  | 'public_access_token'
>;

/** The transcript's storage key; null while the call has not ended, and when nothing was said. */
export function transcriptKey(row: ArtifactRow): string | null {
  return row.completed_at !== null && row.has_transcript === 1 ? `transcripts/${String(row.id)}.txt` : null;
}

/** The keys without links, as in a list. */
export function artifactKeys(row: ArtifactRow): ArtifactUrls {
  return {
    transcript_url: transcriptKey(row),
    recording_url: row.recording_key,
    user_recording_url: null,
    bot_recording_url: null,
    transcript_public_url: null,
    recording_public_url: null,
    user_recording_public_url: null,
    bot_recording_public_url: null,
    public_access_token: null,
  };
}

/** The keys and links. Links are absolute if PUBLIC_BASE_URL is set; otherwise they begin with a slash. */
export function artifactUrls(
  services: Pick<Services, 'config' | 'clock' | 'secrets'>,
  row: ArtifactRow,
): ArtifactUrls {
  const keys = artifactKeys(row);
  if (keys.transcript_url === null && keys.recording_url === null) return keys;
  const token = mintDownloadToken(services, row.id);
  const folder = `${services.config.publicBaseUrl ?? ''}/api/v1/public/download/workflow/${token}`;
  return {
    ...keys,
    transcript_public_url: keys.transcript_url === null ? null : `${folder}/transcript`,
    recording_public_url: keys.recording_url === null ? null : `${folder}/recording`,
    public_access_token: token,
  };
}
