/**
 * Asks carriers about open calls without a recent report. A carrier sends each report once: if it is lost, the run
 * would stay open until its deadline. The carrier's answer is handled like any other report.
 */
import { isCarriersFault } from '../../carriers/kit/ask';
import type { StatusReport } from '../../carriers/port/report';
import { describeError } from '../../describe-error';
import { forgetOldest } from '../../forget-oldest';
import { Problem } from '../../problem';
import { claimCall, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import { openCallOf, type OpenCall } from '../../telephony/open-call';
import type { CarrierServices } from '../../telephony/tools';
import { nextQuestion, questionPause } from './pause';
import { ringTimeLeft } from './ring-time';
import { AccountPaces } from './account-paces';
import { CallsUnderWay } from './calls-under-way';

type Needs = CarrierServices & Pick<Services, 'chance'>;

/** A carrier's own report of an end has more details than its answer, and arrives within seconds. */
const ownReportMilliseconds = 10_000;
/** The limit of `ended`. A run that was dropped from it waits once more for the carrier's report. */
const mostEnded = 10_000;

export class CarrierQuestions {
  private readonly paces: AccountPaces;
  private readonly underWay: CallsUnderWay;
  /** Runs whose call has ended, according to the carrier's answer. The carrier's own report may still arrive. */
  private readonly ended = new Map<number, true>();

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
    const silence = this.paces.silenceOf(account);
    if (silence > 0) return this.askAgainIn(run, silence);
    let wait: number | null;
    try {
      const open = await this.openCall(run);
      wait =
        open === null ? questionPause(this.services, run.mode) : await this.askInTurn(run, open, perSecond);
    } catch (error) {
      if (!isCarriersFault(error)) throw error;
      wait = this.paces.noteFailure(account, describeError(error));
    }
    if (wait !== null) await this.askAgainIn(run, wait);
  }

  /**
   * Asks if it is this run's turn. A call that has rung too long is canceled instead, and an answered one is first looked
   * for in the list of its account.
   * @returns as `askCarrier`.
   */
  private async askInTurn(run: UnfinishedRun, open: OpenCall, perSecond: number): Promise<number | null> {
    const account = run.telephony_configuration_id;
    const ringTime = await ringTimeLeft(this.services, this.services.storage.read, run);
    const hasRungTooLong = ringTime !== null && ringTime <= 0;
    if (hasRungTooLong || run.status === 'answered') {
      // These requests do not wait for their turn, but for room: while the carrier hangs, every run that needs one waits.
      const roomWait = this.paces.waitForRoom(account);
      if (roomWait > 0) return roomWait;
      const request = () => (hasRungTooLong ? this.endRinging(run, open) : this.findListed(run, open));
      const pause = await this.paces.during(account, request);
      if (pause !== null) {
        this.paces.noteAnswer(account);
        return pause;
      }
    }
    const wait = this.paces.waitFor(account, run.id, perSecond);
    if (wait > 0) return wait;
    const pause = await this.paces.during(account, () => this.askCarrier(run, open));
    this.paces.noteAnswer(account);
    return pause;
  }

  /**
   * Cancels a call that has rung too long. The run ends when the carrier reports the end.
   * @returns milliseconds until the next question; null if the call is not canceled.
   */
  private async endRinging(run: UnfinishedRun, { provider, configuration, call, tools, reports }: OpenCall) {
    if (call === null || this.ended.has(run.id)) return null;
    // Noted first: the carrier's report of the end may come before its reply.
    await reports.report(run.id, [{ status: 'ringing', rawStatus: 'ring_timeout', ringTimedOut: true }]);
    const result = await provider.cancel?.(configuration, call, tools, reports);
    if (result?.outcome === 'accepted') return ownReportMilliseconds;
    this.services.log.warn(
      { runId: run.id, outcome: result?.outcome },
      'a call that has rung too long was not canceled; the carrier is asked about it',
    );
    return null;
  }

  /** @returns milliseconds until the next question; null if no list shows the call. */
  private async findListed(run: UnfinishedRun, open: OpenCall): Promise<number | null> {
    return (await this.underWay.has(run, open)) ? questionPause(this.services, run.mode) : null;
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
  private askAgainIn(run: UnfinishedRun, milliseconds: number): Promise<void> {
    return this.services.callReports(run.mode).followUpIn(run.id, milliseconds);
  }

  /**
   * @returns milliseconds until the next question; null when a report has planned it. If the report changes nothing, the
   * call is due again when its lease ends.
   */
  private async askCarrier(run: UnfinishedRun, open: OpenCall): Promise<number | null> {
    const report = await this.statusOf(run, open);
    if (report === null || !isNews(run, report)) {
      return nextQuestion(this.services, this.services.storage.read, run);
    }
    if (report.status === 'ended' && !this.ended.delete(run.id)) {
      this.ended.set(run.id, true);
      forgetOldest(this.ended, mostEnded);
      return ownReportMilliseconds;
    }
    await open.reports.report(run.id, [report]);
    return null;
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
    const call = { runId: run.id, callId, status: run.status };
    return (await provider.askStatus?.(configuration, call, tools)) ?? null;
  }

  /** @returns the carrier's id of the call, which is now stored with the run. */
  private async findCall(run: UnfinishedRun, open: OpenCall): Promise<string | null> {
    const { provider, configuration, tools } = open;
    if (provider.findCall === undefined) return null;
    const sent = { to: run.called_number, from: run.caller_number, sentAt: new Date(run.created_at) };
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
