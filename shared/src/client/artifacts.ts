/** The recording and the transcript of a run: waiting for them, and their download addresses. */
import type { Connection } from './connection';
import { isFinalStatus, neverConnectedStatuses, type Run } from '../contracts';
import { TriggerError } from '../errors';
import { readRun } from './read-run';

export type ArtifactKind = 'recording' | 'transcript';

type RunLinks = Pick<
  Run,
  'recording_url' | 'recording_public_url' | 'transcript_url' | 'transcript_public_url'
>;

export interface ArtifactWaitOptions {
  /** How long to wait for the artifact; 0 reads the run once. */
  timeoutSeconds: number;
  signal?: AbortSignal;
}

const pollIntervalSeconds = 2;
const neverConnected: ReadonlySet<unknown> = new Set(neverConnectedStatuses);

/**
 * Reads a run until its artifact exists, until the run shows that none will follow, or until the timeout. Files are
 * written some seconds after a call has ended. Dograh writes no transcript for a call in which nobody spoke, and
 * does not report that.
 *
 * @returns the run as of the last read.
 * @throws TriggerError
 */
export async function waitForArtifact(
  connection: Connection,
  runId: number,
  kind: ArtifactKind,
  { timeoutSeconds, signal }: ArtifactWaitOptions,
): Promise<Run> {
  const startedAt = connection.now();
  let slept = 0;
  for (;;) {
    const run = await readRun(connection, runId, { signal });
    const secondsLeft = timeoutSeconds - Math.max(slept, (connection.now() - startedAt) / 1000);
    if (artifactPublicUrl(run, kind) !== null || hasFinalArtifacts(run) || secondsLeft <= 0) return run;
    const seconds = Math.min(pollIntervalSeconds, secondsLeft);
    await connection.pause(seconds, signal, runId);
    slept += seconds;
  }
}

/** Whether the server has written every artifact of the run. */
function hasFinalArtifacts(run: Run): boolean {
  if (run.status !== undefined) return isFinalStatus(run.status) && run.artifacts_ready !== false;
  return run.is_completed && neverConnected.has(run.gathered_context?.call_disposition);
}

/**
 * The download address, which needs no API key. Only its path comes from the server: a server in a container or
 * behind a tunnel often does not know its public host.
 *
 * @throws TriggerError `not_found` when the run has no such artifact.
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

/**
 * Null until the artifact exists. Dograh returns both download URLs as soon as one artifact exists, so the storage
 * key decides.
 */
export function artifactPublicUrl(run: RunLinks, kind: ArtifactKind): string | null {
  const [key, url] =
    kind === 'recording'
      ? [run.recording_url, run.recording_public_url]
      : [run.transcript_url, run.transcript_public_url];
  return key ? (url ?? null) : null;
}
