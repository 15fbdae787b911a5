/** Reads the runs of calls that Dograh holds, and what came of them: https://docs.dograh.com/api-reference */
import { callListPath, isUnknownRun, parseTranscript, type JsonObject } from '@dograh-trigger/shared';
import type { Readable } from 'node:stream';
import * as z from 'zod';
import { describeError } from '../../../describe-error';
import { DownloadError } from '../../../egress/download';
import { askAboutCall, CarrierFailure, readAnswer } from '../../kit/ask';
import type { CarrierCall } from '../../port/call';
import type { CallPage, Follow, FollowedCall } from '../../port/follow';
import { ended, type Recording, type StatusReport, type Utterance } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import { carrier, dograhRequest, readProblem } from './api';
import type { Configuration } from './configuration';
import {
  dispositionOf,
  dograhRun,
  gatheredOf,
  isComplete,
  listedRun,
  reportOf,
  reportOfListed,
  type DograhRun,
} from './statuses';

/** The log of a long call, or a hundred contexts, may be long. */
const mostReplyBytes = 16 * 1024 * 1024;
const mostTranscriptBytes = 4 * 1024 * 1024;

export const follow: Follow<Configuration> = {
  async read(configuration, { callId, record }, tools) {
    const run = await readRun(configuration, callId, tools);
    if (run === null) return goneCall(callId);
    const open = reportOf(run, null);
    if (open.status !== 'ended') return { report: open, isComplete: false, recording: null };
    const utterances = await transcriptOf(configuration, run, tools);
    const report = reportOf(run, {
      disposition: dispositionOf(run),
      gathered: gatheredOf(run),
      utterances: utterances ?? [],
      usage: withoutDuration(run.usage_info),
      cost: withoutDuration(run.cost_info),
    });
    return {
      report,
      isComplete: utterances !== null && isComplete(run, record),
      recording: open.wasAnswered === true ? recordingOf(callId) : null,
    };
  },

  async list(configuration, { since, page }, tools): Promise<CallPage> {
    const path = callListPath({ page, limit: 100, createdSince: since });
    const answer = await askAboutCall(tools, { ...dograhRequest(configuration, path), mostReplyBytes });
    const { runs, total_pages: pages } = readAnswer(listedRuns, answer);
    const calls = runs.map((row) => ({
      callId: String(row.id),
      report: reportOfListed(row),
      isComplete: isComplete(row, false),
    }));
    return { calls, isLast: page >= pages };
  },

  /** Dograh sends this header with every request of a webhook node (its webhook_delivery.py). */
  readHint: (request) => /^\d{1,10}$/.exec(request.header('X-Dograh-Workflow-Run-Id') ?? '')?.[0] ?? null,
};

const listedRuns = z.looseObject({ runs: z.array(listedRun), total_pages: z.int() });

/** @returns null for a run that Dograh does not have. @throws NotSentError, NoReplyError, CarrierFailure. */
async function readRun(
  configuration: Configuration,
  runId: string,
  tools: CarrierTools,
): Promise<DograhRun | null> {
  const path = `/workflow/0/runs/${encodeURIComponent(runId)}`;
  const answer = await askAboutCall(tools, { ...dograhRequest(configuration, path), mostReplyBytes });
  if (answer.status !== 404) return readAnswer(dograhRun, answer);
  // A gateway before a Dograh that restarts answers 404 as well, in other words.
  const problem = readProblem(answer.body);
  if (problem !== undefined && isUnknownRun(problem)) return null;
  throw new CarrierFailure('the carrier answered with HTTP 404', 404);
}

function goneCall(runId: string): FollowedCall {
  const error = `${carrier} has no run ${runId} any more. It was deleted there, so how the call ended is not known.`;
  return {
    report: { ...ended('record_gone'), rawStatus: 'deleted', callId: runId, error },
    isComplete: true,
    recording: null,
  };
}

/** For a run that is overdue. @throws NotSentError, NoReplyError, CarrierFailure. */
export async function askStatus(
  configuration: Configuration,
  { callId }: CarrierCall,
  tools: CarrierTools,
): Promise<StatusReport> {
  return (await follow.read(configuration, { callId, record: false }, tools)).report;
}

/** @returns null if it could not be read; no utterances where there is no transcript. */
async function transcriptOf(
  configuration: Configuration,
  run: DograhRun,
  tools: CarrierTools,
): Promise<Utterance[] | null> {
  const url = artifactUrl(configuration, run.transcript_url, run.transcript_public_url);
  if (url === null) return [];
  try {
    const text = await readText(await tools.download({ url, headers: {}, guarded: true }));
    return parseTranscript(text).flatMap(({ speaker, text: said, startedAt: at }) =>
      speaker === 'user' || speaker === 'assistant' ? [{ speaker, text: said, at }] : [],
    );
  } catch (error) {
    const what = 'the transcript of a call could not be read; it is tried again';
    tools.log.warn({ error: describeError(error) }, what);
    return null;
  }
}

async function readText(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      const part = Buffer.from(chunk as Uint8Array);
      bytes += part.length;
      if (bytes > mostTranscriptBytes) throw new DownloadError('it is longer than a transcript may be', true);
      chunks.push(part);
    }
  } finally {
    stream.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The address of a recording is its run's: where the file is becomes known when it is read. */
const recordingForm = /^dograh-run:(\d+)$/;

function recordingOf(runId: string): Recording {
  return { url: `dograh-run:${runId}` };
}

/** @throws DownloadError. */
export async function openRecording(
  configuration: Configuration,
  { url }: Recording,
  tools: CarrierTools,
): Promise<Readable> {
  const [, runId] = recordingForm.exec(url) ?? [];
  if (runId === undefined) throw new DownloadError('this is no recording of a run', true);
  let run: DograhRun | null;
  try {
    run = await readRun(configuration, runId, tools);
  } catch (error) {
    throw new DownloadError(`${carrier} could not be asked where it is`, false, error);
  }
  const file = artifactUrl(configuration, run?.recording_url, run?.recording_public_url);
  if (file === null) throw new DownloadError(`${carrier} has none`, true);
  return tools.download({ url: file, headers: {}, guarded: true });
}

/**
 * Dograh states a link with both names as soon as one file exists, so the storage key decides. Only the path of a link is
 * used, which needs no API key: behind a tunnel, Dograh does not know its own address.
 */
function artifactUrl(
  { base_url: baseUrl }: Configuration,
  key: string | null | undefined,
  link: string | null | undefined,
): string | null {
  if (key == null || key === '') return null;
  const [, path] = /^[^?#]*?(\/api\/v1\/public\/download\/[\w/-]+)$/.exec(link ?? '') ?? [];
  return path === undefined ? null : baseUrl + path;
}

/** The run has a duration of its own. */
function withoutDuration(info: JsonObject | null | undefined): JsonObject | null {
  if (info == null) return null;
  const { call_duration_seconds: _seconds, ...rest } = info;
  return rest;
}
