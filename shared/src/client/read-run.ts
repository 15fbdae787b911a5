/** Reads one run. */
import type { Connection, ReadOptions } from './connection';
import { run as runSchema, type Run, type UsageRun } from '../contracts';
import { pathId } from './path-id';

export interface ReadRunOptions {
  /** Dograh ignores it and identifies the run by its run id (default 0). */
  workflowId?: number;
  signal?: AbortSignal;
}

const links = [
  'recording_public_url',
  'transcript_public_url',
  'user_recording_public_url',
  'bot_recording_public_url',
] as const;

/** The current state of the run, with absolute links. */
export async function readRun(
  connection: Connection,
  runId: number,
  { workflowId = 0, signal }: ReadRunOptions,
  options: Pick<ReadOptions, 'retries'> = {},
): Promise<Run> {
  const path = `/workflow/${pathId('agent', workflowId)}/runs/${pathId('run', runId)}`;
  return withAbsoluteLinks(
    await connection.read(path, runSchema, { ...options, signal, runId }),
    connection.baseUrl,
  );
}

/** Makes links absolute: a server without a configured public address returns them from the root. */
export function withAbsoluteLinks<T extends Run | UsageRun>(call: T, baseUrl: string): T {
  const absolute = { ...call };
  for (const link of links) {
    const address = call[link];
    if (address?.startsWith('/')) absolute[link] = baseUrl + address;
  }
  return absolute;
}
