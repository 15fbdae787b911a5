/** Files that Zapier fetches only for the Zaps that use them. */
import { summarizeRun, TriggerError, type RunSummary } from '@dograh-trigger/shared';
import type { Bundle } from 'zapier-platform-core';
import { openDownload } from './lib/download';
import { step } from './lib/step';

/** Which call's file. The address is read when the file is wanted: it may have expired by then. */
interface FileOf extends Record<string, unknown> {
  run_id: number;
}

function download(kind: string, addressOf: (summary: RunSummary) => string | null) {
  return step(async (client, { inputData }: Bundle<FileOf>, z): Promise<string> => {
    const runId = inputData.run_id;
    const address = addressOf(summarizeRun(await client.getRun(runId)));
    if (address === null) {
      throw new TriggerError({ code: 'not_found', message: `Call ${runId} has no ${kind}.`, runId });
    }
    return z.stashFile(openDownload(z, address));
  });
}

export const downloadRecording = download('recording', ({ recordingUrl }) => recordingUrl);
export const downloadTranscript = download('transcript', ({ transcriptUrl }) => transcriptUrl);
