/** Reads one run. */
import type { Connection, ReadOptions } from './connection';
import { run as runSchema, type Run, type UsageRun } from '../contracts';
import { pathId } from './path-id';

export interface ReadRunOptions {
  /** Dograh ignores it and finds the run by its own id (default 0). */
  workflowId?: number;
  signal?: AbortSignal;
}

const links = [
  'recording_public_url',
  'transcript_public_url',
  'user_recording_public_url',
  'bot_recording_public_url',
] as const;

/** The run as it is now, its links absolute. */
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

/** A server that was not told its own address gives links from the root. */
export function withAbsoluteLinks<T extends Run | UsageRun>(call: T, baseUrl: string): T {
  const absolute = { ...call };
  for (const link of links) {
    const address = call[link];
    if (address?.startsWith('/')) absolute[link] = baseUrl + address;
  }
  return absolute;
}
