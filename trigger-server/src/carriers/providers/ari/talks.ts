/** The conversations that this process holds through one configuration. */
import { describeError } from '../../../describe-error';
import type { CallReports } from '../../port/call';
import type { CallAttempt } from '../../port/call-name';
import type { CarrierTools } from '../../port/tools';
import type { AriConfiguration } from './configuration';
import type { CallEvent, TalkEvent } from './events/events';
import { Talk, type TalkChannel, type TalkOver } from './talk';
import { TalkEvents, TalkStopped } from './events/talk-events';

export class Talks {
  readonly #held = new Map<number, { attempt: number; events: TalkEvents }>();

  constructor(
    private readonly configuration: AriConfiguration,
    private readonly tools: CarrierTools,
    private readonly reports: CallReports,
  ) {}

  isHeld({ runId, attempt }: CallAttempt): boolean {
    return this.#held.get(runId)?.attempt === attempt;
  }

  /**
   * Holds the conversation of a call from where it stands. Does nothing while it is held.
   * @param over is called at its end on our side, not when it is stopped.
   */
  hold(call: CallAttempt, channel: TalkChannel, over: (end: TalkOver) => void): void {
    if (this.isHeld(call)) return;
    const { configuration, tools, reports } = this;
    const { runId, attempt } = call;
    const events = new TalkEvents(tools.clock);
    this.#held.set(runId, { attempt, events });
    const forget = () => {
      if (this.#held.get(runId)?.events === events) this.#held.delete(runId);
    };
    new Talk(configuration, channel, { runId, attempt }, tools, reports, events)
      .hold()
      .finally(forget)
      .then(over, (error: unknown) => {
        if (error instanceof TalkStopped) return;
        tools.log.error({ runId, error: describeError(error) }, 'a conversation could not go on');
        over({ kind: 'failed', error: 'The conversation could not go on: this server failed.' });
      });
  }

  take({ runId, attempt }: CallAttempt, event: TalkEvent): void {
    const held = this.#held.get(runId);
    if (held?.attempt === attempt) held.events.take(event);
  }

  /** What happens on the channel of a person to whom the callee is handed over. */
  takeOfLeg({ runId, attempt }: CallAttempt, legId: string, event: CallEvent): void {
    const held = this.#held.get(runId);
    if (held?.attempt === attempt) held.events.takeOfLeg(legId, event);
  }

  /** The call has ended. */
  end(runId: number): void {
    this.#stop(runId, true);
  }

  /** Their events do not arrive here any more: whoever gets them goes on with the calls. */
  stopAll(): void {
    for (const runId of [...this.#held.keys()]) this.#stop(runId, false);
  }

  #stop(runId: number, hasCallEnded: boolean): void {
    this.#held.get(runId)?.events.stop(hasCallEnded);
    this.#held.delete(runId);
  }
}
