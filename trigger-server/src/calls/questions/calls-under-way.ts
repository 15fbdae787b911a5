/** One list in the place of many questions: which calls of an account go on, where it has more than a few. */
import { countOpenCalls, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { OpenCall } from '../../telephony/open-call';
import type { Services } from '../../services';

/** An account with no more open calls is asked about each. */
const fewCalls = 5;
/** With the longest pause between two questions less than 90 s: a call that has ended meanwhile is still listed. */
const freshMilliseconds = 20_000;

interface CallList {
  takenAt: number;
  callIds: Promise<ReadonlySet<string>>;
}

export class CallsUnderWay {
  private readonly lists = new Map<number, CallList>();

  constructor(private readonly services: Pick<Services, 'storage' | 'clock'>) {}

  /**
   * Whether an answered call goes on, by a list of its account. False where there is no list: the carrier has none, or the
   * account has few calls.
   * @throws as `listUnderWay`.
   */
  async has(run: UnfinishedRun, { provider, configuration, call, tools }: OpenCall): Promise<boolean> {
    // A call that rings may have been answered since, which a list does not say.
    if (call === null || run.status !== 'answered' || provider.listUnderWay === undefined) return false;
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
