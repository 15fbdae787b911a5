/** The followed calls of one carrier account: reads what is due, and reports what has changed. */
import { CarrierFailure, isCarriersFault } from '../../carriers/kit/ask';
import { callName, type CallAttempt } from '../../carriers/port/call-name';
import type { Follow, FollowedCall } from '../../carriers/port/follow';
import type { CarrierTools } from '../../carriers/port/tools';
import { describeError } from '../../describe-error';
import { NotSentError } from '../../egress/client';
import { attemptOf, dialTimeOf, type PlacedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import { nextRead, requestMilliseconds, type WatchedCall } from './pace';
import { reportFollowed } from './results';

type Needs = Pick<Services, 'clock' | 'log' | 'callReports'>;

/** How long the results of an ended call are awaited: files are stored some seconds after it. */
const resultMilliseconds = 30_000;
/** Results that were not there are read again after this part of the time since the end. */
const resultPausePart = 4;
/** How many ended calls are read at once, beside the requests about open ones. */
const resultsAtOnce = 5;
/** How long the list is left alone that could not be read. Calls are read one by one meanwhile. */
const unreadableMilliseconds = 60_000;
const longestPauseMilliseconds = 30_000;
/** Words that are remembered of a call. Further ones are recorded again, which changes nothing. */
const mostWords = 20;
/** The clocks of the two servers may differ by so much. */
const skewMilliseconds = 60 * 60_000;

/** Times are by the steady clock, in milliseconds. */
interface Progress {
  readAt: number | null;
  readAloneAt: number | null;
  /** When that server first said that the call has ended. */
  endedAt: number | null;
  isUnlisted: boolean;
  /** Whether a list shows that the results are there. */
  isResultThere: boolean;
  /** How often in a row the call itself could not be read or recorded, and when that is tried again. */
  failures: number;
  retryAt: number;
  /** What that server has said of the call and was recorded: a few words. */
  said: Set<string>;
}

interface Watched extends WatchedCall, CallAttempt {
  run: PlacedRun;
  progress: Progress;
}

/** `unreadable`: that server answered, with something that is no call. */
type Answer = 'answered' | 'unreadable' | 'unsent' | 'failed';

function kindOf(error: unknown): Answer {
  if (error instanceof NotSentError) return 'unsent';
  return error instanceof CarrierFailure && error.status < 300 ? 'unreadable' : 'failed';
}

function pauseAfter(failures: number): number {
  return Math.min(requestMilliseconds * 2 ** failures, longestPauseMilliseconds);
}

/** An account that was opened to be read. */
export interface Reader {
  configuration: Record<string, unknown>;
  tools: CarrierTools;
  follow: Follow<never>;
}

export class FollowedAccount {
  /** By the name of the call: a server that was set up anew uses its ids again. */
  #progress = new Map<string, Progress>();
  #freeAt = 0;
  #failures = 0;
  #listReadableAt = 0;
  #nextPage = 1;
  #wasListReadLast = false;
  /** The names of the calls that the list has not shown since its first page was read. */
  #unseen = new Set<string>();

  constructor(private readonly services: Needs) {}

  /** Whether the account may be asked now. */
  isFree(): boolean {
    return this.#now() >= this.#freeAt;
  }

  /**
   * Reads the results that are there, and makes one request about the calls that go on. While every request fails, the
   * account is asked in longer and longer pauses. A single call that cannot be read delays no other one.
   */
  async read(reader: Reader, runs: readonly PlacedRun[]): Promise<void> {
    const calls = this.#watch(runs);
    const now = this.#now();
    const readable = calls.filter(({ progress }) => now >= progress.retryAt);
    const results = readable
      .filter((call) => this.#isResultDue(call))
      .toSorted((one, other) => other.sinceRead - one.sinceRead)
      .slice(0, resultsAtOnce);
    const others = readable.filter((call) => !call.progress.isResultThere);
    const list = {
      nextPage: this.#nextPage,
      isReadable: now >= this.#listReadableAt,
      wasReadLast: this.#wasListReadLast,
    };
    const next = nextRead(others, list);
    if (next !== null) {
      this.#freeAt = now + requestMilliseconds;
      this.#wasListReadLast = next.kind === 'page';
    }
    const answers = await Promise.all([
      ...results.map((call) => this.#readCall(reader, call)),
      ...(next?.kind === 'call' ? [this.#readCall(reader, next.call)] : []),
      ...(next?.kind === 'page' ? [this.#readPage(reader, next.page, calls)] : []),
    ]);
    if (answers.length > 0) this.#noteAnswers(answers);
  }

  #noteAnswers(answers: readonly Answer[]): void {
    const failed = answers.filter((answer) => answer !== 'answered');
    if (failed.length < answers.length || failed.every((answer) => answer === 'unreadable')) {
      this.#failures = 0;
      return;
    }
    this.#failures += 1;
    this.#freeAt = this.#now() + pauseAfter(this.#failures);
  }

  #watch(runs: readonly PlacedRun[]): Watched[] {
    const now = this.#now();
    const wallNow = this.services.clock.now().getTime();
    const calls = runs.map((run) => {
      const attempt = attemptOf(run);
      const progress = this.#progress.get(callName(attempt)) ?? {
        readAt: null,
        readAloneAt: null,
        endedAt: null,
        isUnlisted: false,
        isResultThere: false,
        failures: 0,
        retryAt: 0,
        said: new Set(),
      };
      const age = Math.max(0, wallNow - Date.parse(dialTimeOf(run)));
      const sinceRead = progress.readAt === null ? age : now - progress.readAt;
      const sinceReadAlone = progress.readAloneAt === null ? age : now - progress.readAloneAt;
      const { endedAt, isUnlisted } = progress;
      const callId = run.provider_call_id;
      const since = { age, sinceRead, sinceReadAlone };
      return { ...attempt, callId, run, progress, ...since, hasEnded: endedAt !== null, isUnlisted };
    });
    this.#progress = new Map(calls.map((call) => [callName(call), call.progress]));
    return calls;
  }

  #isResultDue({ progress, sinceRead }: Watched): boolean {
    return progress.isResultThere && (progress.readAt === null || sinceRead >= requestMilliseconds);
  }

  async #readCall({ configuration, tools, follow }: Reader, watched: Watched): Promise<Answer> {
    const { run, callId, runId, attempt, progress } = watched;
    progress.isUnlisted = false;
    const needsAll = !this.#hasWaited(progress);
    const call = { runId, attempt, callId, record: run.is_recorded === 1, needsAll };
    const { answer, found } = await this.#ask(
      () => follow.read(configuration as never, call, tools),
      progress.failures === 0 ? { runId } : null,
    );
    progress.readAt = this.#now();
    progress.readAloneAt = progress.readAt;
    if (found === null) this.#noteFailure(progress);
    else await this.#take(watched, found, needsAll);
    return answer;
  }

  async #readPage(
    { configuration, tools, follow }: Reader,
    page: number,
    calls: readonly Watched[],
  ): Promise<Answer> {
    const oldest = Math.min(...calls.map(({ run }) => Date.parse(dialTimeOf(run))));
    const since = new Date(oldest - skewMilliseconds);
    if (page === 1) this.#unseen = new Set(calls.map(callName));
    const asked = calls.map(({ run, runId, attempt, callId }) => {
      return { runId, attempt, callId, record: run.is_recorded === 1 };
    });
    const { answer, found } = await this.#ask(
      () => follow.list(configuration as never, { since, page, calls: asked }, tools),
      {},
    );
    if (found === null) {
      // A list may hang, or be too long, while each call can be read. Without a connection, neither can be.
      if (answer !== 'unsent') this.#listReadableAt = this.#now() + unreadableMilliseconds;
      this.#nextPage = 1;
      return answer;
    }
    const rows = new Map(found.calls.map((row) => [callName(row), row]));
    for (const call of calls) {
      const { progress } = call;
      const row = rows.get(callName(call));
      if (row === undefined) continue;
      this.#unseen.delete(callName(call));
      progress.readAt = this.#now();
      // Dograh's list does not show every end that the call itself has shown.
      if (row.report.status !== 'ended' && progress.endedAt === null) {
        await this.#report(call, { report: row.report, recording: null });
      } else {
        progress.endedAt ??= this.#now();
        progress.isResultThere = row.isComplete || this.#hasWaited(progress);
      }
    }
    const isDone = found.isLast || this.#unseen.size === 0;
    this.#nextPage = isDone ? 1 : page + 1;
    if (found.isLast) {
      for (const call of calls) call.progress.isUnlisted = this.#unseen.has(callName(call));
    }
    return answer;
  }

  /** An end is reported once its results are there, so that it has all of them. */
  async #take(
    call: Watched,
    { report, isComplete, recording }: FollowedCall,
    needsAll: boolean,
  ): Promise<void> {
    const { progress } = call;
    if (report.status === 'ended') {
      progress.endedAt ??= this.#now();
      if (!isComplete && needsAll) {
        progress.failures = 0;
        this.#awaitResults(progress, progress.endedAt);
        return;
      }
    }
    await this.#report(call, { report, recording });
  }

  /** Reads a call again, in longer and longer pauses, and at last when its results are no longer awaited. */
  #awaitResults(progress: Progress, endedAt: number): void {
    const now = this.#now();
    progress.isResultThere = false;
    const pause = Math.max((now - endedAt) / resultPausePart, requestMilliseconds);
    progress.retryAt = Math.min(now + pause, endedAt + resultMilliseconds);
  }

  /** A report that cannot be recorded leaves its call for a later round, and does not keep the others from theirs. */
  async #report(
    { run, progress }: Watched,
    found: Pick<FollowedCall, 'report' | 'recording'>,
  ): Promise<void> {
    const { status, rawStatus } = found.report;
    const word = `${status} ${rawStatus}`;
    try {
      if (!progress.said.has(word)) await reportFollowed(this.services, run, found);
      progress.failures = 0;
      if (progress.said.size < mostWords) progress.said.add(word);
    } catch (error) {
      if (progress.failures === 0) {
        const failure = 'what another server says of a call could not be recorded; it is tried again';
        this.services.log.error({ runId: run.id, error: describeError(error) }, failure);
      }
      this.#noteFailure(progress);
    }
  }

  #noteFailure(progress: Progress): void {
    progress.failures += 1;
    progress.retryAt = this.#now() + pauseAfter(progress.failures);
  }

  #hasWaited({ endedAt }: Progress): boolean {
    return endedAt !== null && this.#now() - endedAt >= resultMilliseconds;
  }

  /** @param about of the log line of a failure; null: it was logged before. */
  async #ask<Found>(
    question: () => Promise<Found>,
    about: { runId?: number } | null,
  ): Promise<{ answer: Answer; found: Found | null }> {
    try {
      return { answer: 'answered', found: await question() };
    } catch (error) {
      if (!isCarriersFault(error)) throw error;
      if (this.#failures === 0 && about !== null) {
        const failure =
          'calls at another server could not be read; it is tried again in longer and longer pauses';
        this.services.log.warn({ ...about, error: describeError(error) }, failure);
      }
      return { answer: kindOf(error), found: null };
    }
  }

  #now(): number {
    return this.services.clock.steady().getTime();
  }
}
