/** Call: Download Recording. The audio of a call as a file. */
import { artifactDownloadUrl } from '@dograh-trigger/shared';
import type { INodeProperties } from 'n8n-workflow';
import { createClient } from '../../runtime/client';
import { readCredential } from '../../runtime/credential';
import { download } from '../../runtime/download';
import { forEachItem, oneByOne, type Operation } from '../../runtime/items';
import { simplifyRun } from '../../fields/output';
import { artifactOptions, readRunWithArtifact } from '../../fields/artifact-fields';
import { runIdField } from '../../fields/run-id-field';

const show = { resource: ['call'], operation: ['downloadRecording'] };

export const downloadRecordingFields: INodeProperties[] = [
  runIdField(show),
  {
    displayName: 'Put Output File in Field',
    name: 'binaryPropertyName',
    type: 'string',
    required: true,
    default: 'data',
    hint: 'The name of the output binary field to put the file in',
    displayOptions: { show },
  },
  artifactOptions(show, 'Recording'),
];

/** One by one, because each recording is in memory until n8n has stored it. */
export const downloadRecordings: Operation = (context) =>
  forEachItem(context, oneByOne, async (itemIndex) => {
    const client = await createClient(context, { itemIndex });
    const run = await readRunWithArtifact(context, itemIndex, client, 'recording');
    const url = artifactDownloadUrl(client.baseUrl, run, 'recording');
    const { ignoreSslIssues } = await readCredential(context, itemIndex);
    const bytes = await download(context, url, ignoreSslIssues);
    const property = context.getNodeParameter('binaryPropertyName', itemIndex, 'data');
    const file = await context.helpers.prepareBinaryData(
      bytes,
      `${run.name}-${String(run.id)}.wav`,
      'audio/wav',
    );
    return [{ json: simplifyRun(run), binary: { [property]: file }, pairedItem: { item: itemIndex } }];
  });
