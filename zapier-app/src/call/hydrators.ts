/** Values that Zapier fetches only for Zaps that use them: files and transcripts. */
import { artifactDownloadUrl, type ArtifactKind } from '@dograh-trigger/shared';
import type { Bundle } from 'zapier-platform-core';
import { stashDownload } from '../platform/download';
import { step } from '../platform/step';
import { readTranscript, utterancesOf } from './transcript';

/** Reads the address of the file at the time of the download, because a stored address may have expired. */
function download(kind: ArtifactKind) {
  return step(async (client, { inputData }: Bundle, z, deadline): Promise<string> => {
    const run = await client.getRun(Number(inputData.run_id));
    return stashDownload(z, artifactDownloadUrl(client.baseUrl, run, kind), deadline);
  });
}

export const downloadRecording = download('recording');
export const downloadTranscript = download('transcript');

export const transcriptText = step(async (client, { inputData }: Bundle, z, deadline) =>
  readTranscript(z, client, await client.getRun(Number(inputData.run_id)), deadline),
);

export const utterances = step(async (client, { inputData }: Bundle, z, deadline) =>
  utterancesOf(await readTranscript(z, client, await client.getRun(Number(inputData.run_id)), deadline)),
);
