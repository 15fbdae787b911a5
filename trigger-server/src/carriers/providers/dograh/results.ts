/** The results of a conversation at Dograh: its transcript, what it yielded, and what it used and cost. */
import { parseTranscript, type JsonObject } from '@dograh-trigger/shared';
import type { Readable } from 'node:stream';
import { describeError } from '../../../describe-error';
import type { Conversation, Utterance } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import { cutLines, cutObject, mostTranscriptBytes, Omissions } from './bounds';
import type { Configuration } from './configuration';
import { dispositionOf, gatheredOf, isComplete, type DograhRun } from './statuses';

/** The conversation of a run that has ended. It is not whole while its transcript, which may be there, cannot be read. */
export async function conversationOf(
  configuration: Configuration,
  run: DograhRun,
  tools: CarrierTools,
): Promise<Conversation> {
  const omissions = new Omissions();
  const utterances = await transcriptOf(configuration, run, omissions, tools);
  const nested = ['dograh_run', 'extracted_variables'];
  const gathered = cutObject(gatheredOf(run), 'gathered_context', omissions, nested);
  return {
    disposition: dispositionOf(run),
    gathered,
    utterances: utterances ?? [],
    usage: infoOf(run.usage_info, 'usage_info', omissions),
    cost: infoOf(run.cost_info, 'cost_info', omissions),
    isWhole: utterances !== null && isComplete(run, false),
    omitted: omissions.names(),
  };
}

/** @returns null if it could not be read; no utterances where there is no transcript. */
async function transcriptOf(
  configuration: Configuration,
  run: DograhRun,
  omissions: Omissions,
  tools: CarrierTools,
): Promise<Utterance[] | null> {
  const url = artifactUrl(configuration, run.transcript_url, run.transcript_public_url);
  if (url === null) return [];
  try {
    const { text, isCut } = await readText(await tools.download({ url, headers: {}, guarded: true }));
    return parseTranscript(cutLines(text, isCut, omissions)).flatMap(({ speaker, text: said, startedAt }) =>
      speaker === 'user' || speaker === 'assistant'
        ? [{ speaker, text: said, at: instantIn(startedAt) }]
        : [],
    );
  } catch (error) {
    const what = 'the transcript of a call could not be read; it is tried again';
    tools.log.warn({ error: describeError(error) }, what);
    return null;
  }
}

/** What is in the brackets could be any text. */
function instantIn(text: string | null): string | null {
  return text === null || Number.isNaN(Date.parse(text)) ? null : text;
}

async function readText(stream: Readable): Promise<{ text: string; isCut: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      const part = Buffer.from(chunk as Uint8Array);
      chunks.push(part);
      bytes += part.length;
      if (bytes > mostTranscriptBytes) break;
    }
  } finally {
    stream.destroy();
  }
  const text = Buffer.concat(chunks).subarray(0, mostTranscriptBytes).toString('utf8');
  return { text, isCut: bytes > mostTranscriptBytes };
}

/**
 * Dograh states a link with both names as soon as one file exists, so the storage key decides. Only the path of a link is
 * used, which needs no API key: behind a tunnel, Dograh does not know its own address.
 */
export function artifactUrl(
  { base_url: baseUrl }: Configuration,
  key: string | null | undefined,
  link: string | null | undefined,
): string | null {
  if (key == null || key === '') return null;
  const [, path] = /^[^?#]*?(\/api\/v1\/public\/download\/[\w/-]+)$/.exec(link ?? '') ?? [];
  return path === undefined ? null : baseUrl + path;
}

/** Without the duration: our run has one of its own. */
function infoOf(info: JsonObject | null | undefined, name: string, omissions: Omissions): JsonObject | null {
  if (info == null) return null;
  const { call_duration_seconds: _seconds, ...rest } = info;
  return cutObject(rest, name, omissions);
}
