/** The recording and the transcript of a run: when they are there, and where. */
import { TriggerError } from './errors';
import { isFinalStatus, type Run } from './contracts';

export type ArtifactKind = 'recording' | 'transcript';

/**
 * `unknown`: nothing is there yet. On Dograh, which does not say when it has finished writing, that may stay so: a
 * call in which nobody spoke has no transcript.
 */
export type ArtifactState = 'there' | 'none' | 'unknown';

export function artifactState(run: Run, kind: ArtifactKind): ArtifactState {
  if (artifactPublicUrl(run, kind) !== null) return 'there';
  const isEnded = run.status === undefined ? run.is_completed : isFinalStatus(run.status);
  return isEnded && run.artifacts_ready === true ? 'none' : 'unknown';
}

/**
 * Where to download it, without an API key. Only the path is taken from the server's own address: a server in a
 * container or behind a tunnel often does not know the host that its clients reach it by.
 *
 * @throws TriggerError `not_found` when there is nothing to download.
 */
export function artifactDownloadUrl(baseUrl: string, run: Run, kind: ArtifactKind): string {
  const publicUrl = artifactPublicUrl(run, kind);
  if (publicUrl === null) {
    throw new TriggerError({
      code: 'not_found',
      message: `Run ${String(run.id)} has no ${kind}. It is there some seconds after the call has ended, if the call was answered.`,
      runId: run.id,
    });
  }
  const [, path] = /^[^?#]*?(\/api\/v1\/public\/download\/.*)$/.exec(publicUrl) ?? [];
  return path === undefined ? publicUrl : baseUrl + path;
}

/** Once one artifact exists Dograh gives a download URL for both; the storage key says which one is there. */
export function artifactPublicUrl(run: Run, kind: ArtifactKind): string | null {
  const [key, url] =
    kind === 'recording'
      ? [run.recording_url, run.recording_public_url]
      : [run.transcript_url, run.transcript_public_url];
  return key ? (url ?? null) : null;
}
