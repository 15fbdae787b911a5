/** The transcript of a call, as text and as utterances. */
import { artifactDownloadUrl, parseTranscript, type Run, type TriggerClient } from '@dograh-trigger/shared';
import type { ZObject } from 'zapier-platform-core';
import type { Deadline } from '../platform/deadline';
import { downloadText } from '../platform/download';

/** @throws TriggerError, `not_found` for a call without one. */
export async function readTranscript(
  z: ZObject,
  { baseUrl }: TriggerClient,
  run: Run,
  deadline: Deadline,
): Promise<string> {
  return downloadText(z, artifactDownloadUrl(baseUrl, run, 'transcript'), deadline);
}

/** The utterances as line items. */
export function utterancesOf(transcript: string) {
  return parseTranscript(transcript).map(({ speaker, startedAt, text }) => ({
    speaker,
    started_at: startedAt,
    text,
  }));
}
