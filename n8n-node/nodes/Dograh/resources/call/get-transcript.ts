/** Call: Get Transcript. The text of a call. */
import { artifactDownloadUrl, parseTranscript, summarizeRun } from '@dograh-trigger/shared';
import type { INodeProperties } from 'n8n-workflow';
import { createClient } from '../../runtime/client';
import { readCredential } from '../../runtime/credential';
import { download } from '../../runtime/download';
import { forEachItem, itemOutput, oneByOne, type Operation } from '../../runtime/items';
import { artifactOptions, readRunWithArtifact } from '../../fields/artifact-fields';
import { runIdField } from '../../fields/run-id-field';
import { utteranceField } from '../../fields/utterances';

const show = { resource: ['call'], operation: ['getTranscript'] };

export const getTranscriptFields: INodeProperties[] = [runIdField(show), artifactOptions(show, 'Transcript')];

/** A call in which nobody spoke has no transcript. That is a result, not an error. */
export const getTranscripts: Operation = (context) =>
  forEachItem(context, oneByOne, async (itemIndex) => {
    const client = await createClient(context, { itemIndex });
    const run = await readRunWithArtifact(context, itemIndex, client, 'transcript');
    const { status, transcriptUrl } = summarizeRun(run);
    if (transcriptUrl === null) {
      return itemOutput(itemIndex, { run_id: run.id, status, transcript: null, utterances: [] });
    }
    const { ignoreSslIssues } = await readCredential(context, itemIndex);
    const url = artifactDownloadUrl(client.baseUrl, run, 'transcript');
    const transcript = (await download(context, url, ignoreSslIssues)).toString('utf8');
    const utterances = parseTranscript(transcript).map(utteranceField);
    return itemOutput(itemIndex, { run_id: run.id, status, transcript, utterances });
  });
