/** One WebSocket for Asterisk's events. Pings detect a lost connection. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ping, WebSocket } from 'undici';
import { parseJson } from '../../kit/dial';
import type { CarrierTools } from '../../port/tools';
import { applicationOf, type AriConfiguration } from './configuration';
import { ariUrl, authorization } from './requests';

export interface EventSocketListener {
  opened(): void;
  event(value: unknown): void;
  /** Called once, as the last call. @param aliveAt its last sign of life, by the steady clock in milliseconds. */
  closed(reason: string, aliveAt: number): void;
}

const pingMilliseconds = 20_000;

/** The channel on which undici reports a pong. */
const pongs = 'undici:websocket:pong';

/** @returns a function that closes the socket. The listener is not called any more. */
export function openEventSocket(
  configuration: AriConfiguration,
  tools: CarrierTools,
  listener: EventSocketListener,
): () => void {
  const query = { app: applicationOf(configuration), subscribeAll: 'false' };
  const url = ariUrl(configuration, '/events', query).replace(/^http/, 'ws');
  const socket = new WebSocket(url, {
    headers: authorization(configuration),
    dispatcher: tools.guardedDispatcher,
  });
  const now = () => tools.clock.steady().getTime();
  let isOver = false;
  let isAlive = true;
  let aliveAt = now();
  let forgetPing: () => void = () => undefined;
  const onPong = (message: unknown) => {
    if (typeof message === 'object' && message !== null && 'websocket' in message) {
      if (message.websocket === socket) noteLife();
    }
  };
  const noteLife = () => {
    isAlive = true;
    aliveAt = now();
  };

  const end = () => {
    if (isOver) return false;
    isOver = true;
    forgetPing();
    unsubscribe(pongs, onPong);
    socket.close();
    return true;
  };
  const fail = (reason: string) => {
    if (end()) listener.closed(reason, aliveAt);
  };
  const watch = () => {
    forgetPing = tools.clock.after(pingMilliseconds, () => {
      if (!isAlive) {
        fail('it stopped answering');
        return;
      }
      isAlive = false;
      ping(socket);
      watch();
    });
  };

  subscribe(pongs, onPong);
  socket.addEventListener('open', () => {
    if (isOver) return;
    watch();
    listener.opened();
  });
  socket.addEventListener('message', ({ data }) => {
    noteLife();
    if (!isOver) listener.event(typeof data === 'string' ? parseJson(data) : undefined);
  });
  socket.addEventListener('close', () => {
    // Its network was there until now: a lost one closes nothing.
    noteLife();
    fail('the event connection was closed');
  });
  // Without a listener, an error would end the process. `close` follows the error.
  socket.addEventListener('error', () => undefined);
  return () => void end();
}
