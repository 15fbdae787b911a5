/** Which version of its agent made a call. */
import type { AgentVersion, Run } from '@dograh-trigger/shared';
import { api } from './http';

export type VersionOfAgent = Pick<AgentVersion, 'id' | 'version_number' | 'status'>;

/** The two newest. The draft and the published version are among them: only a draft is newer than the published one. */
export function readCurrentVersions(agentId: number): Promise<VersionOfAgent[]> {
  return api<AgentVersion[]>('GET', `/workflow/${agentId}/versions`, { query: { limit: 2 } });
}

/** Undefined when the version that made the call is neither the draft nor in production any more. */
export function versionOfCall(
  { definition_id: id }: Pick<Run, 'definition_id'>,
  versions: readonly VersionOfAgent[],
): VersionOfAgent | undefined {
  return versions.find((version) => version.id === id && version.status !== 'archived');
}

/** `4, the draft`. */
export function versionInWords(version: VersionOfAgent | undefined): string {
  if (version === undefined) return 'no longer in production';
  return `${version.version_number}, ${version.status === 'draft' ? 'the draft' : 'in production'}`;
}
