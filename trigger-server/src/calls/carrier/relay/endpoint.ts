/** The WebSockets that carriers open to us for the conversation of a call. Everything is checked before the upgrade. */
import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { isFinalStatus } from '@dograh-trigger/shared';
import { WebSocketServer } from 'ws';
import { isConversation } from '../../../carriers/port/instructions';
import { openRelay } from '../../../conversations/talk/talks';
import { describeError } from '../../../describe-error';
import { statusOf } from '../../../http/errors';
import { Problem } from '../../../problem';
import type { Services } from '../../../services';
import type { CarrierServices } from '../../../telephony/tools';
import { answeredCallOf, configurationsOf } from '../answering';
import { readRelayPath } from '../callback-urls';
import { authenticate } from '../callbacks';
import { listening } from '../conversation';
import { Relays } from './relays';
import { RelaySession, type SessionServices } from './session';

type Needs = CarrierServices & SessionServices & Pick<Services, 'hasModel' | 'lifecycle'>;

/** `ws` closes a socket with 1009 for a larger frame. */
const mostFrameBytes = 64 * 1024;

/** @returns the sockets that are open, for the end of the server. */
export function serveRelays(server: Server, services: Needs): Relays {
  const relays = new Relays(services.clock);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostFrameBytes, clientTracking: false });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that goes away has nothing to be told.
    socket.on('error', () => undefined);
    admit(services, request).then(
      (session) => {
        sockets.handleUpgrade(request, socket, head, (opened) => {
          relays.add(session);
          session.begin(opened);
        });
      },
      (error: unknown) => {
        refuse(services, socket, error);
      },
    );
  });
  return relays;
}

/** @throws Problem for a request that opens no relay. */
async function admit(services: Needs, request: IncomingMessage): Promise<RelaySession> {
  const { clock, config, lifecycle, storage } = services;
  if (lifecycle.draining) {
    throw new Problem('unavailable', 'The server is stopping', { retryAfterSeconds: 1 });
  }
  const path = request.url ?? '';
  const named = config.role === 'worker' ? null : readRelayPath(path);
  if (named === null) throw new Problem('not_found', 'There is no WebSocket at this address');
  const { callbacks, configuration, run } = await authenticate(services, {
    ...named,
    turn: 0,
    request: {
      method: 'GET',
      purpose: 'relay',
      // As for every callback. The carrier signs the scheme of a WebSocket.
      url: `${(config.publicBaseUrl ?? '').replace(/^http/, 'ws')}${path}`,
      header: (name) => headerOf(request, name),
      body: Buffer.alloc(0),
      receivedAt: clock.now(),
      receivedSteadyAt: clock.steady(),
    },
  });
  const { relay } = callbacks;
  if (relay?.isChosen(configuration) !== true) {
    throw new Problem('not_found', 'The calls of this account do not talk by relay');
  }
  const call = await answeredCallOf(services, storage.read, run);
  if (isFinalStatus(run.status) || !isConversation(call.instructions)) {
    throw new Problem('conflict', 'This call holds no conversation, or has ended');
  }
  const configurations = await configurationsOf(services, storage.read, run);
  // Last, because it counts once.
  if (!(await openRelay(storage, named, clock.now()))) {
    throw new Problem('conflict', 'The relay of this call has been opened before');
  }
  return new RelaySession(services, {
    call: { runId: named.runId, attempt: named.attempt },
    organizationId: run.organization_id,
    callId: run.provider_call_id,
    relay,
    silenceSeconds: listening(configurations).silenceSeconds,
    longestSeconds: call.maxCallDurationSeconds,
  });
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}

function refuse({ log }: Pick<Services, 'log'>, socket: Duplex, error: unknown): void {
  const problem =
    error instanceof Problem
      ? error
      : new Problem('failed', 'Something went wrong on the server; its log has the reason');
  if (problem !== error) log.error({ error: describeError(error) }, 'a relay could not be opened');
  else if (problem.internal !== undefined) log.warn({ kind: problem.kind }, problem.internal);
  const status = statusOf(problem);
  const body = JSON.stringify({ detail: problem.words, code: problem.code });
  const retry = problem.retryAfterSeconds;
  socket.end(
    [
      `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${String(Buffer.byteLength(body))}`,
      ...(retry === undefined ? [] : [`Retry-After: ${String(retry)}`]),
      '',
      body,
    ].join('\r\n'),
  );
}
