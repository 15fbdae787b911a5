/** The one event connection of a configuration. It reconnects by itself until it is closed. */
import { describeError } from '../../../describe-error';
import type { CallReports } from '../../port/call';
import type { CarrierConnection, ConnectionFault } from '../../port/provider';
import type { CarrierTools } from '../../port/tools';
import { CallFollower } from './follower';
import type { AriConfiguration } from './configuration';
import { openEventSocket } from './socket';
import { readEvent } from './events/events';
import { carrier, findFault, type AriFault } from './requests';
import { findSpeechFault } from './speech';

const firstPauseMilliseconds = 1000;
const longestPauseMilliseconds = 30_000;

/** How often the user of the configuration is checked while a phone rings. */
const roundMilliseconds = 1000;
/** At other times, and while something is wrong with the speech, every so many rounds. */
const idleRounds = 20;

const beingMade: AriFault = { what: 'the connection is being made', isLasting: false };
const replaced: AriFault = {
  what: 'another client has connected as the same Stasis application',
  isLasting: false,
};

/**
 * Connects at once, and reconnects after every loss: after 1 s, then 2, 4, … up to 30 s. After each connection it
 * checks the unfinished calls, so no run stays open after a restart of Asterisk.
 */
export function connect(
  configurationId: number,
  configuration: AriConfiguration,
  tools: CarrierTools,
  reports: CallReports,
  isOurs: () => boolean,
): CarrierConnection {
  const calls = new CallFollower(configurationId, configuration, tools, reports, {
    userRefused() {
      checkUser().catch(logFailure);
    },
    speechFailed() {
      checkSpeech().catch(logFailure);
    },
  });
  let fault: AriFault | null = beingMade;
  let speechFault: ConnectionFault | null = notConnected(beingMade);
  let pauseMilliseconds = firstPauseMilliseconds;
  let isClosed = false;
  let isOpen = false;
  let lostAt: Date | null = null;
  let isChecking = false;
  let isCheckingSpeech = false;
  let closeSocket: () => void = () => undefined;
  let forgetTimer: () => void = () => undefined;

  const now = () => tools.clock.steady().getTime();

  const setFault = (found: AriFault) => {
    if (fault?.what !== found.what) {
      tools.log.warn({ configurationId, reason: found.what }, 'Asterisk cannot be used');
    }
    fault = found;
  };

  const lose = (found: AriFault, aliveAt = now()) => {
    if (isClosed) return;
    if (isOpen) {
      isOpen = false;
      lostAt = new Date(aliveAt);
      calls.lose(aliveAt);
    }
    setFault(found);
    forgetTimer();
    forgetTimer = tools.clock.after(pauseMilliseconds, attempt);
    pauseMilliseconds = Math.min(2 * pauseMilliseconds, longestPauseMilliseconds);
  };

  const open = () => {
    closeSocket = openEventSocket(configuration, tools, {
      opened() {
        isOpen = true;
        lostAt = null;
        fault = null;
        pauseMilliseconds = firstPauseMilliseconds;
        tools.log.info({ configurationId }, 'Asterisk is connected');
        calls.catchUp();
        nextRound(1);
      },
      event(value) {
        const event = readEvent(value);
        if (event === null || !isOurs()) return;
        if (event.type !== 'ApplicationReplaced') {
          calls.take(event);
          return;
        }
        // Two clients that took over the application from each other every second would each get half of the events.
        pauseMilliseconds = longestPauseMilliseconds;
        closeSocket();
        lose(replaced);
      },
      closed(what, aliveAt) {
        lose({ what, isLasting: false }, aliveAt);
      },
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
      logFailure(error);
      lose({ what: 'connecting failed', isLasting: false });
    });
  }

  function nextRound(round: number): void {
    forgetTimer = tools.clock.after(roundMilliseconds, () => {
      nextRound(round + 1);
      const isDue = round % idleRounds === 0;
      if (isDue) calls.forgetEnded();
      if (isDue && speechFault !== null) checkSpeech().catch(logFailure);
      if (isDue || calls.isAnyPhoneRinging()) checkUser().catch(logFailure);
    });
  }

  /**
   * Asterisk keeps an open event connection when the password changes, but refuses every order. Then a callee who
   * answers would hear nothing. Without the event connection, Asterisk hangs up on them at once. If no phone rings, the
   * connection stays, because it reports the ends of the other calls.
   */
  async function checkUser(): Promise<void> {
    if (isChecking) return;
    isChecking = true;
    const found = await findFault(configuration, tools);
    isChecking = false;
    if (isClosed || !isOpen) return;
    if (found === null) fault = null;
    if (found?.isLasting !== true) return;
    if (calls.isAnyPhoneRinging()) {
      closeSocket();
      lose(found);
    } else setFault(found);
  }

  /** At the start, after a speech has failed, and from then on until it works again. */
  async function checkSpeech(): Promise<void> {
    if (isCheckingSpeech) return;
    isCheckingSpeech = true;
    const reason = await findSpeechFault(tools);
    isCheckingSpeech = false;
    if (reason !== null && speechFault?.reason !== reason)
      tools.log.error({ configurationId, reason }, 'no announcement can be spoken');
    speechFault = reason === null ? null : { reason, isTemporary: false };
  }

  function logFailure(error: unknown): void {
    tools.log.error({ configurationId, error: describeError(error) }, 'checking Asterisk failed');
  }

  attempt();
  checkSpeech().catch(logFailure);
  return {
    fault: () => (fault === null ? speechFault : notConnected(fault)),
    lostAt: () => lostAt,
    /** Not while Asterisk is not connected: a request to one that hangs would delay the calls of others. */
    followUp: (call) => (fault === null ? calls.followUp(call) : Promise.resolve()),
    endRinging: (reason) => {
      calls.endRinging(reason);
    },
    close() {
      isClosed = true;
      forgetTimer();
      closeSocket();
      calls.stop();
    },
  };
}

function notConnected({ what, isLasting }: AriFault): ConnectionFault {
  return { reason: `${carrier} is not connected: ${what}.`, isTemporary: !isLasting };
}
