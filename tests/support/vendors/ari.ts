/**
 * A loopback Asterisk REST interface: HTTP and the event WebSocket, as strict as Asterisk 22. Source:
 * https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ReceivedRequest } from '../local-server';
import { startVendor, type CallEvent, type Vendor, type VendorAnswer } from './vendor';

export const ariUser = { app_name: 'dograh', app_password: 'the-SECRET-of-ari' };

/** Settings for this Asterisk. */
export function ariSettings(vendor: Pick<Vendor, 'origin'>) {
  return { ari_endpoint: vendor.origin, ...ariUser, dial_template: 'PJSIP/{number}@trunk' };
}

export interface Ari extends Vendor {
  /** Channels that exist, and the state of each. */
  readonly channels: Map<string, string>;
  /** Playbacks in progress. */
  readonly playbacks: Set<string>;
  /** How many event connections are open. */
  readonly connections: number;
  /** Pings so far. */
  readonly pings: number;
  /** Whether pings are answered; true. */
  answersPings: boolean;
  /** Whether requests with the user's password are refused, as after a change of the password; false. */
  refusesUser: boolean;
  /** Whether the trunk has replied to dials in any way; true. */
  hasTrunkReplied: boolean;
  /** The status with which every announcement is refused; null: none is. */
  refusesPlay: number | null;
  /** The recordings that are made, by name, with their channels. */
  readonly live: Map<string, string>;
  /** The finished recordings, by name. */
  readonly stored: Map<string, Buffer>;
  /** The bridges, by id, with their channels. */
  readonly bridges: Map<string, string[]>;
  /** What a recording that is stopped has recorded. */
  microphone: Buffer;
  /** Resolves once so many event connections were made in all. */
  connected(count: number): Promise<void>;
  /** Resolves with the request (not a dial, not an event connection) once it has come in. */
  requested(method: string, path: RegExp): Promise<ReceivedRequest>;
  /** Sends an event to everyone who is connected. */
  send(event: object): void;
  /** Lets this happen to a channel, with Asterisk's events about it. */
  happen(channelId: string, event: CallEvent): void;
  /** Breaks the event connections, like a crashing Asterisk. */
  cut(): void;
}

const credentials = `Basic ${Buffer.from(`${ariUser.app_name}:${ariUser.app_password}`).toString('base64')}`;
const timestamp = '2026-11-23T12:00:00.000+0000';

/** State and Q.850 cause of an ended channel. */
const ends: Partial<
  Record<CallEvent, { state: string; cause: number; cause_txt: string; tech_cause?: number }>
> = {
  completed: { state: 'Up', cause: 16, cause_txt: 'Normal Clearing' },
  busy: { state: 'Down', cause: 17, cause_txt: 'User busy', tech_cause: 486 },
  'no-answer': { state: 'Ringing', cause: 19, cause_txt: 'User alerting, no answer', tech_cause: 480 },
  failed: { state: 'Down', cause: 1, cause_txt: 'Unallocated (unassigned) number', tech_cause: 404 },
  canceled: { state: 'Ringing', cause: 16, cause_txt: 'Normal Clearing' },
};

/** The id that a dial gave its channel. */
export function channelOf(dial: ReceivedRequest): string {
  return (JSON.parse(dial.body.toString('utf8')) as { channelId: string }).channelId;
}

/** A channel event of Asterisk. */
export function channelEvent(type: string, channelId: string, state: string, more: object = {}): object {
  return { type, timestamp, channel: { id: channelId, state, name: 'PJSIP/trunk-1' }, ...more };
}

/** The end of the playback of this id on a channel. */
export function playbackDone(channelId: string, id: string): object {
  return {
    type: 'PlaybackFinished',
    timestamp,
    playback: { id, state: 'done', target_uri: `channel:${channelId}` },
  };
}

/** The beginning of an announcement. */
export function playbackStarted(channelId: string): object {
  return { type: 'PlaybackStarted', timestamp, playback: playback(channelId, 'playing') };
}

/** The end of an announcement. @param seconds after the time of the other events. */
export function playbackFinished(channelId: string, state: 'done' | 'failed', seconds = 0): object {
  const at = new Date(Date.parse(timestamp) + seconds * 1000).toISOString();
  return { type: 'PlaybackFinished', timestamp: at, playback: playback(channelId, state) };
}

function playback(channelId: string, state: string): object {
  return { id: `${channelId}-announcement`, state, target_uri: `channel:${channelId}` };
}

export async function startAri(): Promise<Ari> {
  const channels = new Map<string, string>();
  const playbacks = new Set<string>();
  const live = new Map<string, string>();
  const stored = new Map<string, Buffer>();
  const sockets = new Set<WebSocket>();
  let made = 0;
  let pings = 0;
  let apps: string[] = [];
  let waiting: { count: number; resolve: () => void }[] = [];
  const events = new WebSocketServer({ noServer: true, autoPong: false });

  function upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname, searchParams } = new URL(message.url ?? '', 'http://ari');
    if (message.headers.authorization !== credentials || pathname !== '/ari/events') {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    events.handleUpgrade(message, socket, head, (client) => {
      if (searchParams.get('subscribeAll') !== 'false') throw new Error('subscribeAll must be false');
      apps = [...apps, searchParams.get('app') ?? ''];
      sockets.add(client);
      client.on('close', () => sockets.delete(client));
      client.on('ping', () => {
        pings += 1;
        if (ari.answersPings) client.pong();
      });
      made += 1;
      for (const { resolve } of waiting.filter(({ count }) => made >= count)) resolve();
      waiting = waiting.filter(({ count }) => made < count);
    });
  }

  const arrivals: { method: string; path: RegExp; resolve: (request: ReceivedRequest) => void }[] = [];

  const vendor = await startVendor({
    isDial: ({ method, url }) => method === 'POST' && url === '/ari/channels',
    dial(request, play) {
      if (play === 'refuse') return { status: 400, body: { message: 'Invalid endpoint specified' } };
      if (play === 'rate-limit') return { status: 429, body: { message: 'Too many requests' } };
      const channelId = acceptDial(request, apps);
      if (channels.has(channelId)) {
        return { status: 409, body: { message: 'Channel with given unique ID already exists' } };
      }
      channels.set(channelId, 'Down');
      return { status: 200, body: { id: channelId, name: 'PJSIP/trunk-1', state: 'Down' } };
    },
    other(request) {
      for (const arrival of arrivals.filter((one) => isThis(request, one))) arrival.resolve(request);
      if (ari.refusesUser || request.headers.authorization !== credentials) {
        return { status: 401, body: { message: 'Authentication required' } };
      }
      return answerOther(request, ari);
    },
    callback: () => null,
    answerRequest: () => null,
    upgrade,
  });

  const ari: Ari = {
    ...vendor,
    channels,
    playbacks,
    live,
    stored,
    bridges: new Map(),
    microphone: Buffer.alloc(0),
    answersPings: true,
    refusesUser: false,
    hasTrunkReplied: true,
    refusesPlay: null,
    get pings() {
      return pings;
    },
    get connections() {
      return sockets.size;
    },
    connected: (count) =>
      made >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
    requested: (method, path) => {
      const earlier = vendor.requests.find((request) => isThis(request, { method, path }));
      if (earlier !== undefined) return Promise.resolve(earlier);
      return new Promise((resolve) => arrivals.push({ method, path, resolve }));
    },
    send(event) {
      for (const socket of sockets) socket.send(JSON.stringify(event));
    },
    happen(channelId, event) {
      if (event === 'ringing') {
        channels.set(channelId, 'Ringing');
        ari.send(channelEvent('ChannelStateChange', channelId, 'Ringing'));
      } else if (event === 'answered') {
        channels.set(channelId, 'Up');
        ari.send(channelEvent('ChannelStateChange', channelId, 'Up'));
        ari.send(channelEvent('StasisStart', channelId, 'Up', { args: [] }));
      } else {
        const { state = 'Down', ...cause } = ends[event] ?? {};
        channels.delete(channelId);
        ari.send(channelEvent('ChannelDestroyed', channelId, state, cause));
      }
    },
    cut() {
      for (const socket of sockets) socket.terminate();
    },
    async close() {
      ari.cut();
      await vendor.close();
    },
  };
  return ari;
}

function isThis(request: ReceivedRequest, { method, path }: { method: string; path: RegExp }): boolean {
  return request.method === method && path.test(request.url);
}

/** Throws for a request that Asterisk or its documentation does not allow. */
function acceptDial(request: ReceivedRequest, apps: readonly string[]): string {
  if (request.headers.authorization !== credentials) throw new Error('authentication required');
  if (request.headers['content-type'] !== 'application/json') throw new Error('the body must be JSON');
  const order = JSON.parse(request.body.toString('utf8')) as Record<string, unknown>;
  const { endpoint, app, channelId, timeout, callerId, variables, ...others } = order;
  if (Object.keys(others).length > 0) throw new Error(`unknown fields: ${Object.keys(others).join()}`);
  if (typeof endpoint !== 'string' || !/^PJSIP\/\+?[1-9]\d{4,14}@trunk$/.test(endpoint)) {
    throw new Error('Invalid endpoint specified');
  }
  if (typeof app !== 'string' || !apps.includes(app))
    throw new Error('nobody is connected as this application');
  if (typeof channelId !== 'string' || channelId.length > 149) throw new Error('channelId');
  if (!Number.isInteger(timeout) || Number(timeout) < 1) throw new Error('timeout');
  if (callerId !== undefined && !/^"\+[1-9]\d{4,14}"$/.test(JSON.stringify(callerId)))
    throw new Error('callerId');
  if (!/^\{"TIMEOUT\(absolute\)":"\d+"\}$/.test(JSON.stringify(variables))) throw new Error('variables');
  return channelId;
}

/** Recordings that are made, and finished ones. */
function answerRecording({ method, url }: ReceivedRequest, ari: Ari): VendorAnswer | null {
  const { pathname } = new URL(url, 'http://ari');
  const [, kind, name = '', action] =
    /^\/ari\/recordings\/(live|stored)\/([^/]+)(?:\/(stop|file))?$/.exec(pathname) ?? [];
  if (kind === undefined) return null;
  const sound = ari.stored.get(name);
  const channel = ari.live.get(name);
  if (kind === 'stored' && sound !== undefined) {
    if (method === 'GET' && action === 'file') return { status: 200, body: sound };
    if (method === 'DELETE' && action === undefined) {
      ari.stored.delete(name);
      return { status: 204, body: '' };
    }
  }
  if (kind === 'live' && channel !== undefined) {
    const isKept = method === 'POST' && action === 'stop';
    if (!isKept && (method !== 'DELETE' || action !== undefined)) return { status: 400, body: {} };
    ari.live.delete(name);
    if (isKept) ari.stored.set(name, ari.microphone);
    const recording = { name, format: 'wav', state: 'done', target_uri: `channel:${channel}` };
    ari.send({ type: 'RecordingFinished', timestamp, recording });
    return { status: 204, body: '' };
  }
  return { status: 404, body: { message: 'Recording not found' } };
}

/** The name of a recording. Throws for what Asterisk would not accept. */
function acceptRecording(parameters: URLSearchParams): string {
  const { name = '', ...others } = Object.fromEntries(parameters);
  const expected = {
    format: 'wav',
    maxDurationSeconds: '60',
    maxSilenceSeconds: '0',
    ifExists: 'overwrite',
    beep: 'false',
    terminateOn: 'none',
  };
  if (name === '' || JSON.stringify(others) !== JSON.stringify(expected)) throw new Error('record');
  return name;
}

function answerOther(request: ReceivedRequest, ari: Ari): VendorAnswer {
  const { method, url } = request;
  const { channels, playbacks, hasTrunkReplied, refusesPlay } = ari;
  const { pathname, searchParams } = new URL(url, 'http://ari');
  const recorded = answerRecording(request, ari);
  if (recorded !== null) return recorded;
  const bridgeId = searchParams.get('bridgeId');
  if (method === 'POST' && pathname === '/ari/bridges' && bridgeId !== null) {
    ari.bridges.set(bridgeId, []);
    return { status: 200, body: { id: bridgeId } };
  }
  if (pathname === '/ari/asterisk/info') return { status: 200, body: { status: {} } };
  const [, kind, id = '', action, playbackId = ''] =
    /^\/ari\/(\w+)\/([^/]+)(?:\/(\w+))?(?:\/([^/]+))?$/.exec(pathname) ?? [];
  if (kind === 'playbacks') {
    if (method === 'DELETE' && playbacks.delete(id)) return { status: 204, body: '' };
    if (playbacks.has(id)) return { status: 200, body: { id, state: 'playing' } };
    return { status: 404, body: { message: 'Playback not found' } };
  }
  if (kind === 'bridges') {
    const isThere = ari.bridges.has(id);
    if (method === 'POST' && action === 'addChannel' && isThere) {
      const ids = searchParams.get('channel')?.split(',') ?? [];
      if (ids.some((one) => !channels.has(one)))
        return { status: 400, body: { message: 'Channel not found' } };
      ari.bridges.set(id, ids);
      return { status: 204, body: '' };
    }
    if (method === 'DELETE' && ari.bridges.delete(id)) return { status: 204, body: '' };
    return { status: 404, body: { message: 'Bridge not found' } };
  }
  const state = channels.get(id);
  if (kind !== 'channels' || state === undefined)
    return { status: 404, body: { message: 'Channel not found' } };
  if (method === 'GET' && action === 'variable') {
    if (searchParams.get('variable') !== 'HANGUPCAUSE_KEYS()') {
      return { status: 404, body: { message: 'Provided variable was not found' } };
    }
    return { status: 200, body: { value: hasTrunkReplied ? 'PJSIP/trunk-1' : '' } };
  }
  if (method === 'GET') return { status: 200, body: { id, state } };
  if (method === 'DELETE') return { status: 204, body: '' };
  if (action === 'variable' && searchParams.has('variable')) return { status: 204, body: '' };
  if (action === 'ring') return { status: 204, body: '' };
  if (action === 'record') {
    if ([...ari.live.values()].includes(id)) return { status: 409, body: { message: 'Recording' } };
    ari.live.set(acceptRecording(searchParams), id);
    return { status: 201, body: { state: 'queued' } };
  }
  if (action === 'play' && refusesPlay !== null) {
    return { status: refusesPlay, body: { message: 'Channel not in Stasis application' } };
  }
  if (action === 'play' && searchParams.get('media')?.startsWith('sound:http') === true) {
    playbacks.add(playbackId);
    return { status: 201, body: { id: playbackId, state: 'queued' } };
  }
  return { status: 400, body: { message: 'Bad request' } };
}
