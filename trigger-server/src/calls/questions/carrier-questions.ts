/**
 * Asks carriers about open calls without a recent report. A carrier sends each report once: if it is lost, the run
 * would stay open until its deadline. The carrier's answer is handled like any other report.
 */
import { isCarriersFault } from '../../carriers/kit/ask';
import type { StatusReport } from '../../carriers/port/report';
import { describeError } from '../../describe-error';
import { callName } from '../../carriers/port/call-name';
import { forgetOldest } from '../../forget-oldest';
import { Problem } from '../../problem';
import { forgetCancelRequest } from '../../runs/cancel-requests';
import { attemptOf, claimCall, dialTimeOf, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import { openCallOf, type OpenCall } from '../../telephony/open-call';
import type { CarrierServices } from '../../telephony/tools';
import { openingUrls } from '../carrier/callback-urls';
import { noteRingTimeout } from '../run-course';
import { nextQuestion, questionPause } from './pause';
import { ringTimeLeft } from './ring-time';
import { AccountPaces } from './account-paces';
import { CallsUnderWay } from './calls-under-way';

type Needs = CarrierServices & Pick<Services, 'chance' | 'metrics'>;

/** A carrier's own report of an end has more details than its answer, and arrives within seconds. */
const ownReportMilliseconds = 10_000;
/** A call that goes on for so long after its cancellation was not cancelled. It is longer than a list of calls is used. */
const cancellationMilliseconds = 30_000;
/** Between two searches of the call of a dial without a reply. */
const shortestSearchPause = 10_000;
const longestSearchPause = 20_000;
/** The limit of `ended`. A run that was dropped from it waits once more for the carrier's report. */
const mostEnded = 10_000;

export class CarrierQuestions {
  private readonly paces: AccountPaces;
  private readonly underWay: CallsUnderWay;
  /** Runs whose call has ended, according to the carrier's answer. The carrier's own report may still arrive. */
  private readonly ended = new Map<string, true>();

  constructor(private readonly services: Needs) {
    this.paces = new AccountPaces(services);
    this.underWay = new CallsUnderWay(services);
  }

  /**
   * Asks about a call that is due, or postpones it until its account may be asked. Plans the next question in any case.
   * @param perSecond how many questions the account may be sent in a second.
   */
  async ask(run: UnfinishedRun, perSecond: number): Promise<void> {
    const account = run.telephony_configuration_id;
    const ringTime = await ringTimeLeft(this.services, this.services.storage.read, run);
    const hasRungTooLong = ringTime !== null && ringTime <= 0;
    // A phone does not ring on because questions about other calls failed.
    const silence = hasRungTooLong ? 0 : this.paces.silenceOf(account);
    if (silence > 0) return this.askAgainIn(run, silence);
    let wait: number | null;
    try {
      const open = await this.openCall(run);
      if (open === null) wait = questionPause(this.services, run.mode);
      else if (hasRungTooLong) wait = await this.inRoom(account, () => this.endRinging(run, open));
      else wait = await this.askInTurn(run, open, perSecond);
    } catch (error) {
      if (!isCarriersFault(error)) throw error;
      this.services.metrics.questions.inc({ carrier: run.mode, result: 'failed' });
      const pause = this.paces.noteFailure(account, run.id, describeError(error));
      wait = hasRungTooLong ? ownReportMilliseconds : pause;
    }
    if (wait !== null) await this.askAgainIn(run, wait);
  }

  /**
   * Searches the call of a dial without a reply, for a provider whose calls are followed once they have an id. Plans the
   * next search until it is found.
   */
  async search(run: UnfinishedRun): Promise<void> {
    const isKnown = run.provider_call_id !== null || (await this.isFound(run));
    const wait = isKnown ? null : this.services.chance.integer(shortestSearchPause, longestSearchPause);
    await this.askAgainIn(run, wait);
  }

  private async isFound(run: UnfinishedRun): Promise<boolean> {
    try {
      const open = await this.openCall(run);
      return open !== null && (await this.findCall(run, open)) !== null;
    } catch (error) {
      if (!isCarriersFault(error)) throw error;
      this.services.log.info(
        { runId: run.id, error: describeError(error) },
        'the call of a dial could not be searched; it is tried again',
      );
      return false;
    }
  }

  /**
   * Asks if it is this run's turn. An answered call is first looked for in the list of its account.
   * @returns as `askCarrier`.
   */
  private async askInTurn(run: UnfinishedRun, open: OpenCall, perSecond: number): Promise<number | null> {
    const account = run.telephony_configuration_id;
    if (run.status === 'answered') {
      const pause = await this.inRoom(account, () => this.findListed(run, open));
      if (pause !== null) return pause;
    }
    const wait = this.paces.waitFor(account, run.id, perSecond);
    if (wait > 0) return wait;
    const pause = await this.paces.during(account, () => this.askCarrier(run, open));
    this.noteAnswer(run);
    return pause;
  }

  /**
   * Such a request does not wait for its turn, but for room: while the carrier hangs, every run that needs one waits.
   * @returns the request's pause, or the one until there may be room.
   */
  private async inRoom(account: number, request: () => Promise<number | null>): Promise<number | null> {
    const roomWait = this.paces.waitForRoom(account);
    return roomWait > 0 ? roomWait : this.paces.during(account, request);
  }

  /**
   * Cancels a call that has rung too long. Its last report may be old, for example after a restart: so the carrier is
   * asked first, and a call that was answered goes on. The run ends when the carrier reports the end.
   * @returns as `askCarrier`.
   */
  private async endRinging(run: UnfinishedRun, open: OpenCall): Promise<number | null> {
    const { provider, configuration, call, tools, reports } = open;
    const report = await this.statusOf(run, open);
    this.noteAnswer(run);
    if (report?.status === 'answered' || report?.status === 'ended') return this.take(run, open, report);
    const pause = questionPause(this.services, run.mode);
    if (call === null) return pause;
    const isNoted = await this.services.storage.write((session) =>
      noteRingTimeout(this.services, session, attemptOf(run)),
    );
    if (!isNoted) return pause;
    const result = await provider.cancel?.(configuration, call, tools, reports);
    if (result?.outcome === 'accepted') return ownReportMilliseconds;
    this.services.log.warn(
      { runId: run.id, outcome: result?.outcome },
      'a call that has rung too long was not canceled; the carrier is asked about it',
    );
    return pause;
  }

  private noteAnswer({ mode, telephony_configuration_id: account }: UnfinishedRun): void {
    this.services.metrics.questions.inc({ carrier: mode, result: 'answered' });
    this.paces.noteAnswer(account);
  }

  /** @returns milliseconds until the next question; null if no list shows the call. */
  private async findListed(run: UnfinishedRun, open: OpenCall): Promise<number | null> {
    if (!(await this.underWay.has(run, open))) return null;
    this.paces.noteAnswer(run.telephony_configuration_id);
    await this.forgetCancellation(run);
    return questionPause(this.services, run.mode);
  }

  /** Null when the carrier cannot be asked: the account was deleted, or its credentials were encrypted with another key. */
  private async openCall(run: UnfinishedRun): Promise<OpenCall | null> {
    try {
      return await openCallOf(this.services, run);
    } catch (error) {
      if (error instanceof Problem && error.kind === 'unavailable') return null;
      throw error;
    }
  }

  /** A run that has ended meanwhile gets no further request. */
  private askAgainIn(run: UnfinishedRun, milliseconds: number | null): Promise<void> {
    return this.services.callReports(run.mode).followUpIn(attemptOf(run), milliseconds);
  }

  /**
   * @returns milliseconds until the next question; null when a report has planned it. If the report changes nothing, the
   * call is due again when its lease ends.
   */
  private async askCarrier(run: UnfinishedRun, open: OpenCall): Promise<number | null> {
    const report = await this.statusOf(run, open);
    if (report !== null && report.status !== 'ended') await this.forgetCancellation(run);
    if (report === null || !isNews(run, report)) {
      return nextQuestion(this.services, this.services.storage.read, run);
    }
    return this.take(run, open, report);
  }

  /** Reports what the carrier answered. An end waits once for the carrier's own report. @returns as `askCarrier`. */
  private async take(run: UnfinishedRun, open: OpenCall, report: StatusReport): Promise<number | null> {
    const name = callName(attemptOf(run));
    if (report.status === 'ended' && !this.ended.delete(name)) {
      this.ended.set(name, true);
      forgetOldest(this.ended, mostEnded);
      return ownReportMilliseconds;
    }
    await open.reports.report(attemptOf(run), [report]);
    return null;
  }

  /** For a call that goes on: if it ends later, that is not by an earlier cancellation. */
  private async forgetCancellation({ id, cancel_requested_at: at }: UnfinishedRun): Promise<void> {
    const { storage, clock } = this.services;
    if (at === null || clock.now().getTime() - Date.parse(at) < cancellationMilliseconds) return;
    await storage.write((session) => forgetCancelRequest(session, id, at));
  }

  /**
   * Without an id of the call, or with one that the carrier does not know, the call is searched for by the data of its
   * dial.
   */
  private async statusOf(run: UnfinishedRun, open: OpenCall): Promise<StatusReport | null> {
    const { provider, configuration, tools } = open;
    const known = open.call === null ? null : await provider.askStatus?.(configuration, open.call, tools);
    if (known) return known;
    const callId = await this.findCall(run, open);
    if (callId === null) return null;
    const call = { ...attemptOf(run), callId, status: run.status };
    return (await provider.askStatus?.(configuration, call, tools)) ?? null;
  }

  /** @returns the carrier's id of the call, which is now stored with the run. */
  private async findCall(run: UnfinishedRun, open: OpenCall): Promise<string | null> {
    const { provider, configuration, tools } = open;
    if (provider.findCall === undefined) return null;
    const sent = {
      ...attemptOf(run),
      to: run.called_number,
      from: run.caller_number,
      sentAt: new Date(dialTimeOf(run)),
      callbackUrl: openingUrls(this.services, {
        provider: run.mode,
        configurationId: run.telephony_configuration_id,
        ...attemptOf(run),
      }),
    };
    const candidates = await provider.findCall(configuration, sent, tools);
    if (candidates.length === 0) return null;
    const callId = await this.services.storage.write((session) => claimCall(session, run, candidates));
    if (callId !== null) {
      this.services.log.info({ runId: run.id }, 'the call of a dial was found at its carrier');
    }
    return callId;
  }
}

/** A status that the run already has is not reported again. */
function isNews(run: UnfinishedRun, { status }: StatusReport): boolean {
  return status !== 'unknown' && status !== run.status;
}
