/** The one event connection of a configuration. It reconnects by itself until it is closed. */
import { describeError } from '../../../describe-error';
import type { CallReports } from '../../port/call';
import type { CarrierConnection } from '../../port/provider';
import type { CarrierTools } from '../../port/tools';
import { CallFollower } from './follower';
import type { AriConfiguration } from './configuration';
import { openEventSocket } from './socket';
import { readEvent } from './events';
import { carrier, findFault } from './requests';

const firstPauseMilliseconds = 1000;
const longestPauseMilliseconds = 30_000;

const replaced = 'another client has connected as the same Stasis application';

/**
 * Connects at once, and reconnects after every loss: after 1 s, then 2, 4, … up to 30 s. After each connection it
 * checks the unfinished calls, so no run stays open after a restart of Asterisk.
 */
export function connect(
  configurationId: number,
  configuration: AriConfiguration,
  tools: CarrierTools,
  reports: CallReports,
): CarrierConnection {
  const calls = new CallFollower(configurationId, configuration, tools, reports);
  let fault: string | null = 'the connection is being made';
  let pauseMilliseconds = firstPauseMilliseconds;
  let isClosed = false;
  let closeSocket: () => void = () => undefined;
  let forgetAttempt: () => void = () => undefined;

  const lose = (reason: string) => {
    if (isClosed) return;
    if (fault !== reason) tools.log.warn({ configurationId, reason }, 'Asterisk is not connected');
    fault = reason;
    forgetAttempt = tools.clock.after(pauseMilliseconds, attempt);
    pauseMilliseconds = Math.min(2 * pauseMilliseconds, longestPauseMilliseconds);
  };

  const open = () => {
    closeSocket = openEventSocket(configuration, tools, {
      opened() {
        fault = null;
        pauseMilliseconds = firstPauseMilliseconds;
        tools.log.info({ configurationId }, 'Asterisk is connected');
        calls.catchUp();
      },
      event(value) {
        const event = readEvent(value);
        if (event === null) return;
        if (event.type !== 'ApplicationReplaced') {
          calls.take(event);
          return;
        }
        // Two clients that took over the application from each other every second would each get half of the events.
        pauseMilliseconds = longestPauseMilliseconds;
        closeSocket();
        lose(replaced);
      },
      closed: lose,
    });
  };

  /** Checks over HTTP first, because a WebSocket does not say why it was refused. */
  async function look(): Promise<void> {
    const found = await findFault(configuration, tools);
    if (isClosed) return;
    if (found === null) open();
    else lose(found);
  }

  function attempt(): void {
    look().catch((error: unknown) => {
      tools.log.error({ configurationId, error: describeError(error) }, 'connecting to Asterisk failed');
      lose('connecting failed');
    });
  }

  attempt();
  return {
    fault: () => (fault === null ? null : `${carrier} is not connected: ${fault}.`),
    /** Not while Asterisk is not connected: a request to one that hangs would delay the calls of others. */
    followUp: (call) => (fault === null ? calls.followUp(call) : Promise.resolve()),
    close() {
      isClosed = true;
      forgetAttempt();
      closeSocket();
      calls.stop();
    },
  };
}
