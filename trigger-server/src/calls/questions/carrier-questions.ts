/**
 * Asks carriers about open calls of which nothing was heard for a while. A carrier sends a report once: where that one is
 * lost, the run would stay open until its deadline. What the carrier answers is a report like any other.
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
import { questionPause } from './pause';
import { AccountPaces } from './account-paces';
import { CallsUnderWay } from './calls-under-way';

type Needs = CarrierServices & Pick<Services, 'chance'>;

/** A carrier's own report of an end says more than its answer does, and comes within seconds. */
const ownReportMilliseconds = 10_000;
/** Beyond that an end waits for the carrier's report once more. */
const mostEnded = 10_000;

export class CarrierQuestions {
  private readonly paces: AccountPaces;
  private readonly underWay: CallsUnderWay;
  /** Runs whose call has ended by its carrier's answer, while its own report may be on the way. */
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
    let pause = questionPause(this.services, run.mode);
    try {
      const open = await this.openCall(run);
      if (open !== null && !(await this.underWay.has(run, open))) {
        const wait = this.paces.waitFor(account, run.id, perSecond);
        if (wait > 0) {
          await this.askAgainIn(run, wait);
          return;
        }
        const isSettled = await this.paces.during(account, () => this.askCarrier(run, open));
        if (!isSettled) pause = ownReportMilliseconds;
      }
      this.paces.noteAnswer(account);
    } catch (error) {
      if (!isCarriersFault(error)) throw error;
      return this.askAgainIn(run, this.paces.noteFailure(account, describeError(error)));
    }
    await this.askAgainIn(run, pause);
  }

  /** Null where nobody can be asked: the account is gone, or its credentials were stored under another key. */
  private async openCall(run: UnfinishedRun): Promise<OpenCall | null> {
    try {
      return await openCallOf(this.services, run);
    } catch (error) {
      if (error instanceof Problem && error.kind === 'unavailable') return null;
      throw error;
    }
  }

  /** Nothing is planned any more for a run that has ended meanwhile. */
  private askAgainIn(run: UnfinishedRun, milliseconds: number | null): Promise<void> {
    return this.services.callReports(run.mode).followUpIn(run.id, milliseconds);
  }

  /** @returns false where the call has ended, and the carrier's own report of it is awaited for a moment. */
  private async askCarrier(run: UnfinishedRun, open: OpenCall): Promise<boolean> {
    const report = await this.statusOf(run, open);
    if (report === null || !isNews(run, report)) return true;
    if (report.status === 'ended' && !this.ended.delete(run.id)) {
      this.ended.set(run.id, true);
      forgetOldest(this.ended, mostEnded);
      return false;
    }
    await open.reports.report(run.id, [report]);
    return true;
  }

  /** A call that the carrier has not named, or does not know by that name, is searched for by what was sent. */
  private async statusOf(run: UnfinishedRun, open: OpenCall): Promise<StatusReport | null> {
    const { provider, configuration, tools } = open;
    const known = open.call === null ? null : await provider.askStatus?.(configuration, open.call, tools);
    if (known) return known;
    const callId = await this.findCall(run, open);
    if (callId === null) return null;
    const call = { runId: run.id, callId, status: run.status };
    return (await provider.askStatus?.(configuration, call, tools)) ?? null;
  }

  /** @returns its id at the carrier, which is now the run's. */
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

/** What the run says already is not reported again. */
function isNews(run: UnfinishedRun, { status }: StatusReport): boolean {
  return status !== 'unknown' && status !== run.status;
}
