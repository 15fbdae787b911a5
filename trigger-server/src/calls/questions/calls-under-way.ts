/** For an account with more than a few open calls, one list of its active calls replaces one request per call. */
import { countOpenCalls, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { OpenCall } from '../../telephony/open-call';
import type { Services } from '../../services';

/** An account with at most this many open calls is asked about each of them. */
const fewCalls = 5;
/**
 * How long a list is used. It may still list a call that has ended, so together with the longest pause between two
 * requests this stays below 90 s.
 */
const freshMilliseconds = 20_000;

interface CallList {
  takenAt: number;
  callIds: Promise<ReadonlySet<string>>;
}

export class CallsUnderWay {
  private readonly lists = new Map<number, CallList>();

  constructor(private readonly services: Pick<Services, 'storage' | 'clock'>) {}

  /**
   * Whether the list of the account has this call as active. For an answered call only: a ringing one may have been
   * answered meanwhile, which a list does not show. False without a list: the carrier offers none, or the account has
   * few open calls.
   * @throws as `listUnderWay`.
   */
  async has(run: UnfinishedRun, { provider, configuration, call, tools }: OpenCall): Promise<boolean> {
    if (call === null || provider.listUnderWay === undefined) return false;
    const account = run.telephony_configuration_id;
    const now = this.services.clock.steady().getTime();
    let list = this.lists.get(account);
    if (list === undefined || now - list.takenAt >= freshMilliseconds) {
      this.lists.delete(account);
      if ((await countOpenCalls(this.services.storage.read, run)) <= fewCalls) return false;
      list = this.lists.get(account) ?? {
        takenAt: now,
        callIds: provider.listUnderWay(configuration, tools).then((callIds) => new Set(callIds)),
      };
      this.lists.set(account, list);
    }
    try {
      return (await list.callIds).has(call.callId);
    } catch (error) {
      if (this.lists.get(account) === list) this.lists.delete(account);
      throw error;
    }
  }
}
