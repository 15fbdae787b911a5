/** The followed calls of one carrier account: reads what is due, and reports what has changed. */
import { isCarriersFault } from '../../carriers/kit/ask';
import { callName, type CallAttempt } from '../../carriers/port/call-name';
import type { Follow, FollowedCall } from '../../carriers/port/follow';
import type { CarrierTools } from '../../carriers/port/tools';
import { describeError } from '../../describe-error';
import { NotSentError } from '../../egress/client';
import { attemptOf, dialTimeOf, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import { nextRead, requestMilliseconds, type WatchedCall } from './pace';
import { reportFollowed } from './results';

type Needs = Pick<Services, 'clock' | 'log' | 'callReports'>;
/** A run whose call has an id at its carrier. */
export type PlacedRun = UnfinishedRun & { provider_call_id: string };

/** How long the results of an ended call are awaited: files are stored some seconds after it. */
const resultMilliseconds = 30_000;
/** How many ended calls are read at once, beside the requests about open ones. */
const resultsAtOnce = 5;
/** How long the list is left alone that could not be read. Calls are read one by one meanwhile. */
const unreadableMilliseconds = 60_000;
const longestPauseMilliseconds = 30_000;
/** The clocks of the two servers may differ by so much. */
const skewMilliseconds = 60 * 60_000;

/** Times are by the steady clock, in milliseconds. */
interface Progress {
  readAt: number | null;
  /** When that server first said that the call has ended. */
  endedAt: number | null;
  isUnlisted: boolean;
  /** Whether a list shows that the results are there. */
  isResultThere: boolean;
}

interface Watched extends WatchedCall, CallAttempt {
  run: PlacedRun;
  progress: Progress;
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
  /** The names of the calls that the list has not shown since its first page was read. */
  #unseen = new Set<string>();

  constructor(private readonly services: Needs) {}

  /** Reads the results that are there, and makes one request about the calls that go on. */
  async read(reader: Reader, runs: readonly PlacedRun[]): Promise<void> {
    const calls = this.#watch(runs);
    const now = this.#now();
    if (now < this.#freeAt) return;
    const results = calls.filter((call) => this.#isResultDue(call)).slice(0, resultsAtOnce);
    const others = calls.filter((call) => !call.progress.isResultThere);
    const list = { nextPage: this.#nextPage, isReadable: now >= this.#listReadableAt };
    const next = nextRead(others, list);
    if (next !== null) this.#freeAt = now + requestMilliseconds;
    await Promise.all([
      ...results.map((call) => this.#readCall(reader, call)),
      ...(next?.kind === 'call' ? [this.#readCall(reader, next.call)] : []),
      ...(next?.kind === 'page' ? [this.#readPage(reader, next.page, calls)] : []),
    ]);
  }

  #watch(runs: readonly PlacedRun[]): Watched[] {
    const now = this.#now();
    const wallNow = this.services.clock.now().getTime();
    const calls = runs.map((run) => {
      const attempt = attemptOf(run);
      const progress = this.#progress.get(callName(attempt)) ?? {
        readAt: null,
        endedAt: null,
        isUnlisted: false,
        isResultThere: false,
      };
      const age = Math.max(0, wallNow - Date.parse(dialTimeOf(run)));
      const sinceRead = progress.readAt === null ? age : now - progress.readAt;
      const { endedAt, isUnlisted } = progress;
      const callId = run.provider_call_id;
      return { ...attempt, callId, run, progress, age, sinceRead, hasEnded: endedAt !== null, isUnlisted };
    });
    this.#progress = new Map(calls.map((call) => [callName(call), call.progress]));
    return calls;
  }

  #isResultDue({ progress, sinceRead }: Watched): boolean {
    return progress.isResultThere && (progress.readAt === null || sinceRead >= requestMilliseconds);
  }

  async #readCall(
    { configuration, tools, follow }: Reader,
    { run, callId, runId, attempt, progress }: Watched,
  ): Promise<void> {
    progress.isUnlisted = false;
    const call = { runId, attempt, callId, record: run.is_recorded === 1 };
    const found = await this.#ask(() => follow.read(configuration as never, call, tools), { runId });
    progress.readAt = this.#now();
    if (found === null) return;
    await this.#take(run, found, progress);
  }

  async #readPage(
    { configuration, tools, follow }: Reader,
    page: number,
    calls: readonly Watched[],
  ): Promise<void> {
    const oldest = Math.min(...calls.map(({ run }) => Date.parse(dialTimeOf(run))));
    const since = new Date(oldest - skewMilliseconds);
    if (page === 1) this.#unseen = new Set(calls.map(callName));
    const asked = calls.map(({ runId, attempt, callId }) => ({ runId, attempt, callId }));
    const found = await this.#ask(
      () => follow.list(configuration as never, { since, page, calls: asked }, tools),
      {},
    );
    if (found === null) {
      this.#nextPage = 1;
      return;
    }
    const rows = new Map(found.calls.map((row) => [callName(row), row]));
    for (const call of calls) {
      const { run, progress } = call;
      const row = rows.get(callName(call));
      if (row === undefined) continue;
      this.#unseen.delete(callName(call));
      progress.readAt = this.#now();
      if (row.report.status !== 'ended') {
        await reportFollowed(this.services, run, { report: row.report, recording: null });
      } else {
        progress.endedAt ??= this.#now();
        progress.isResultThere = row.isComplete || this.#hasWaited(progress);
      }
    }
    const isDone = found.isLast || this.#unseen.size === 0;
    this.#nextPage = isDone ? 1 : page + 1;
    if (!found.isLast) return;
    for (const call of calls) call.progress.isUnlisted = this.#unseen.has(callName(call));
  }

  /** An end is reported once its results are there, so that it has all of them. */
  async #take(
    run: PlacedRun,
    { report, isComplete, recording }: FollowedCall,
    progress: Progress,
  ): Promise<void> {
    if (report.status === 'ended') {
      progress.endedAt ??= this.#now();
      if (!isComplete && !this.#hasWaited(progress)) return;
    }
    await reportFollowed(this.services, run, { report, recording });
  }

  #hasWaited({ endedAt }: Progress): boolean {
    return endedAt !== null && this.#now() - endedAt >= resultMilliseconds;
  }

  /** @returns null after a failure, which pauses the account for longer and longer. */
  async #ask<Answer>(question: () => Promise<Answer>, about: { runId?: number }): Promise<Answer | null> {
    try {
      const answer = await question();
      this.#failures = 0;
      return answer;
    } catch (error) {
      if (!isCarriersFault(error)) throw error;
      const now = this.#now();
      if (this.#failures === 0) {
        const failure =
          'calls at another server could not be read; it is tried again in longer and longer pauses';
        this.services.log.warn({ ...about, error: describeError(error) }, failure);
      }
      const isList = about.runId === undefined;
      // A list may hang, or be too long, while each call can be read. Without a connection, neither can be.
      if (isList && !(error instanceof NotSentError)) this.#listReadableAt = now + unreadableMilliseconds;
      this.#failures += 1;
      this.#freeAt = now + Math.min(requestMilliseconds * 2 ** this.#failures, longestPauseMilliseconds);
      return null;
    }
  }

  #now(): number {
    return this.services.clock.steady().getTime();
  }
}
