/** Common fields of the operations that read a recording or a transcript. */
import { type ArtifactKind, type Run, type TriggerClient } from '@dograh-trigger/shared';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { readRunId, readSeconds } from '../runtime/parameters';

const defaultWaitSeconds = 60;

export function artifactOptions(show: Record<string, string[]>, name: string): INodeProperties {
  return {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add Option',
    default: {},
    displayOptions: { show },
    options: [
      {
        displayName: `Wait for ${name} (Seconds)`,
        name: 'waitSeconds',
        type: 'number',
        typeOptions: { minValue: 0 },
        default: defaultWaitSeconds,
        description: 'How long to wait for the file: it is written some seconds after the call has ended',
      },
    ],
  };
}

/** The run of an item, as soon as its file exists or the wait is over. @throws TriggerError */
export async function readRunWithArtifact(
  context: IExecuteFunctions,
  itemIndex: number,
  client: TriggerClient,
  kind: ArtifactKind,
): Promise<Run> {
  const runId = readRunId(context.getNodeParameter('runId', itemIndex));
  const { waitSeconds } = context.getNodeParameter('options', itemIndex, {});
  return client.waitForArtifact(runId, kind, {
    timeoutSeconds: readSeconds('Wait', waitSeconds) ?? defaultWaitSeconds,
    signal: context.getExecutionCancelSignal(),
  });
}
