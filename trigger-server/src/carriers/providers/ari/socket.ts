/** One WebSocket to Asterisk's events, with proof that the other end is still there. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ping, WebSocket } from 'undici';
import { parseJson } from '../../kit/dial';
import type { CarrierTools } from '../../port/tools';
import { applicationOf, type AriConfiguration } from './configuration';
import { ariUrl, authorization } from './requests';

export interface EventSocketListener {
  opened(): void;
  event(value: unknown): void;
  /** Once, and nothing after it. */
  closed(reason: string): void;
}

const pingMilliseconds = 20_000;

/** Where undici says that a pong came in. */
const pongs = 'undici:websocket:pong';

/** @returns closes it; the listener hears nothing more. */
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
  let isOver = false;
  let isAlive = true;
  let forgetPing: () => void = () => undefined;
  const onPong = (message: unknown) => {
    if (typeof message === 'object' && message !== null && 'websocket' in message) {
      isAlive ||= message.websocket === socket;
    }
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
    if (end()) listener.closed(reason);
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
    isAlive = true;
    if (!isOver) listener.event(typeof data === 'string' ? parseJson(data) : undefined);
  });
  socket.addEventListener('close', () => {
    fail('the event connection was closed');
  });
  // Without a listener an error would go to the process; `close` follows it.
  socket.addEventListener('error', () => undefined);
  return () => void end();
}
