/** Reads the runs of calls that Dograh holds, and what came of them: https://docs.dograh.com/api-reference */
import { callListPath, isUnknownRun } from '@dograh-trigger/shared';
import type { Readable } from 'node:stream';
import * as z from 'zod';
import { DownloadError } from '../../../egress/download';
import { askAboutCall, CarrierFailure, readAnswer } from '../../kit/ask';
import { callName, readCallName, type CallAttempt } from '../../port/call-name';
import type { CallPage, Follow, FollowedCall, NamedCall } from '../../port/follow';
import { handOverMark, hasMark } from '../../port/hand-over';
import { ended, type Recording } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import { carrier, dograhRequest, readProblem } from './api';
import { markOf, type Configuration } from './configuration';
import { artifactUrl, conversationOf } from './results';
import {
  dograhRun,
  isComplete,
  isFinal,
  isTalk,
  listedRun,
  reportOf,
  reportOfListed,
  type DograhRun,
  type ListedRun,
} from './statuses';

/** The log of a long call, or a hundred contexts, may be long. */
const mostReplyBytes = 16 * 1024 * 1024;

export const follow: Follow<Configuration> = {
  async read(configuration, call, tools) {
    const run = await readRun(configuration, call, tools);
    if (typeof run === 'string') return goneCall(call, run);
    const open = reportOf(run, null);
    const isThere = isComplete(run, call.record);
    if (open.status !== 'ended' || (call.needsAll && !isThere))
      return { report: open, isComplete: false, recording: null };
    const conversation = await conversationOf(configuration, run, tools);
    return {
      report: reportOf(run, conversation),
      isComplete: conversation.isWhole && isThere,
      // Dograh may complete a run before it says that there was a conversation.
      recording: isTalk(open.outcome) ? recordingOf(call) : null,
    };
  },

  async list(configuration, { since, page, calls: asked }, tools): Promise<CallPage> {
    const path = callListPath({ page, limit: 100, createdSince: since });
    const answer = await askAboutCall(tools, { ...dograhRequest(configuration, path), mostReplyBytes });
    const { runs, total_pages: pages } = readAnswer(listedRuns, answer);
    // A row that cannot be read leaves its call to be read alone, and does not take the others with it.
    const rows = new Map(
      runs.flatMap((row) => {
        const { data } = listedRun.safeParse(row);
        return data === undefined ? [] : [[String(data.id), data] as const];
      }),
    );
    const calls = asked.flatMap(({ callId, record, ...call }) => {
      const row = rows.get(callId);
      if (row === undefined || !isRowOf(configuration, call, row)) return [];
      return [{ ...call, report: reportOfListed(row), isComplete: isComplete(row, record) }];
    });
    return { calls, isLast: page >= pages };
  },

  /** Dograh sends this header with every request of a webhook node (its webhook_delivery.py). */
  readHint: (request) => /^\d{1,10}$/.exec(request.header('X-Dograh-Workflow-Run-Id') ?? '')?.[0] ?? null,
};

const listedRuns = z.looseObject({ runs: z.array(z.unknown()), total_pages: z.int() });

/** The bundled server cuts long contexts from its list. The run itself is compared before an end of it counts. */
function isRowOf(configuration: Configuration, call: CallAttempt, row: ListedRun): boolean {
  return row.omitted_fields?.includes('initial_context') === true || isRunOf(configuration, call, row);
}

/**
 * Whether a run is the one of this dial. Its id alone does not say so: every Dograh counts from 1, and the address of an
 * account can be changed, or its Dograh set up anew, while a call goes on.
 */
function isRunOf(
  configuration: Configuration,
  call: CallAttempt,
  { initial_context: context }: Pick<DograhRun, 'initial_context'>,
): boolean {
  return hasMark(context, handOverMark(markOf(configuration), call));
}

/**
 * @returns `gone` for a run that Dograh does not have, `another` where that id is another call's.
 * @throws NotSentError, NoReplyError, CarrierFailure.
 */
async function readRun(
  configuration: Configuration,
  call: NamedCall,
  tools: CarrierTools,
): Promise<DograhRun | 'gone' | 'another'> {
  const path = `/workflow/0/runs/${encodeURIComponent(call.callId)}`;
  const answer = await askAboutCall(tools, { ...dograhRequest(configuration, path), mostReplyBytes });
  if (answer.status !== 404) {
    const run = readAnswer(dograhRun, answer);
    return isRunOf(configuration, call, run) ? run : 'another';
  }
  // A gateway before a Dograh that restarts answers 404 as well, in other words.
  const problem = readProblem(answer.body);
  if (problem !== undefined && isUnknownRun(problem)) return 'gone';
  throw new CarrierFailure('the carrier answered with HTTP 404', 404);
}

function goneCall({ callId }: NamedCall, what: 'gone' | 'another'): FollowedCall {
  const error =
    what === 'gone'
      ? `${carrier} has no run ${callId} any more. It was deleted there, so how the call ended is not known.`
      : `Run ${callId} of ${carrier} is another call: its address was changed, or it was set up anew. How this call ended is not known.`;
  return {
    report: {
      ...ended('record_gone'),
      rawStatus: what === 'gone' ? 'deleted' : 'another call',
      callId,
      error,
    },
    isComplete: true,
    recording: null,
  };
}

/** The address of a recording is its run's, with the name of our call: where the file is becomes known when it is read. */
const recordingForm = /^dograh-run:(\d+)\/([\d.]+)$/;

function recordingOf(call: NamedCall): Recording {
  return { url: `dograh-run:${call.callId}/${callName(call)}` };
}

/** @throws DownloadError. */
export async function openRecording(
  configuration: Configuration,
  { url }: Recording,
  tools: CarrierTools,
): Promise<Readable> {
  const [, callId, name = ''] = recordingForm.exec(url) ?? [];
  const call = readCallName(name);
  if (callId === undefined || call === null) throw new DownloadError('this is no recording of a run', true);
  let run: Awaited<ReturnType<typeof readRun>>;
  try {
    run = await readRun(configuration, { ...call, callId }, tools);
  } catch (error) {
    throw new DownloadError(`${carrier} could not be asked where it is`, false, error);
  }
  const file =
    typeof run === 'string' ? null : artifactUrl(configuration, run.recording_url, run.recording_public_url);
  if (file === null) throw new DownloadError(`${carrier} has none`, typeof run === 'string' || isFinal(run));
  return tools.download({ url: file, headers: {}, guarded: true });
}
