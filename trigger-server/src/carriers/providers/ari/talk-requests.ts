/**
 * Orders to Asterisk in a conversation: hear whether the callee talks, record the words, fetch them. Source:
 * https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Recordings_REST_API/
 */
import { DownloadError } from '../../../egress/download';
import type { CarrierReply } from '../../../egress/client';
import type { CarrierTools } from '../../port/tools';
import type { AriConfiguration } from './configuration';
import { ariUrl, authorization, channelPath, request, setVariable } from './requests';

/**
 * Whoever is silent for 800 ms has finished; louder than 256 is speech, as Asterisk's own default says. Source:
 * https://docs.asterisk.org/Latest_API/API_Documentation/Dialplan_Functions/TALK_DETECT/
 */
const talkDetection = { variable: 'TALK_DETECT(set)', value: '800,256' };

/** Of one turn. */
const longestSeconds = 60;
/** More than such a recording: 8,000 samples a second, 16 bits. */
const mostBytes = 4 * 1024 * 1024;

/** From now on, Asterisk reports when the callee begins to talk, and when he has finished. */
export function detectTalking(
  configuration: AriConfiguration,
  channelId: string,
  tools: CarrierTools,
): Promise<CarrierReply> {
  return setVariable(configuration, channelId, talkDetection, tools);
}

/**
 * Records the callee until `stopRecording`. Asterisk's own silence detection is not used: it ends a recording of silence
 * too, and its `talking_duration` cannot tell one from the other. 201 when it has begun.
 */
export function record(
  configuration: AriConfiguration,
  channelId: string,
  name: string,
  tools: CarrierTools,
): Promise<CarrierReply> {
  return tools.http(
    request(configuration, {
      method: 'POST',
      path: `${channelPath(channelId)}/record`,
      query: {
        name,
        format: 'wav',
        maxDurationSeconds: String(longestSeconds),
        maxSilenceSeconds: '0',
        ifExists: 'overwrite',
        beep: 'false',
        terminateOn: 'none',
      },
    }),
  );
}

/** Ends a recording and keeps it. */
export function stopRecording(
  configuration: AriConfiguration,
  name: string,
  tools: CarrierTools,
): Promise<CarrierReply> {
  return tools.http(request(configuration, { method: 'POST', path: `${livePath(name)}/stop` }));
}

/** Ends a recording and keeps nothing of it. 404 when there is none. */
export function dropRecording(
  configuration: AriConfiguration,
  name: string,
  tools: CarrierTools,
): Promise<CarrierReply> {
  return tools.http(request(configuration, { method: 'DELETE', path: livePath(name) }));
}

/** Stops a sound. 404 when it is not played. */
export function stopPlayback(
  configuration: AriConfiguration,
  playbackId: string,
  tools: CarrierTools,
): Promise<CarrierReply> {
  const path = `/playbacks/${encodeURIComponent(playbackId)}`;
  return tools.http(request(configuration, { method: 'DELETE', path }));
}

/** The WAV of a finished recording. @throws DownloadError, and the stream's error. */
export async function fetchRecording(
  configuration: AriConfiguration,
  name: string,
  tools: CarrierTools,
): Promise<Buffer> {
  const stream = await tools.download({
    url: ariUrl(configuration, `${storedPath(name)}/file`),
    headers: authorization(configuration),
    guarded: true,
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new DownloadError('a recording of one turn is too large', true);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Deletes a finished recording at Asterisk. */
export function deleteRecording(
  configuration: AriConfiguration,
  name: string,
  tools: CarrierTools,
): Promise<CarrierReply> {
  return tools.http(request(configuration, { method: 'DELETE', path: storedPath(name) }));
}

/** Lets a callee hear that it rings, or no more. */
export function indicateRinging(
  configuration: AriConfiguration,
  channelId: string,
  method: 'POST' | 'DELETE',
  tools: CarrierTools,
): Promise<CarrierReply> {
  return tools.http(request(configuration, { method, path: `${channelPath(channelId)}/ring` }));
}

/** Connects two channels. @returns whether Asterisk has done it. */
export async function bridge(
  configuration: AriConfiguration,
  bridgeId: string,
  channelIds: readonly string[],
  tools: CarrierTools,
): Promise<boolean> {
  const query = { type: 'mixing', bridgeId };
  const made = await tools.http(request(configuration, { method: 'POST', path: '/bridges', query }));
  if (made.status !== 200) return false;
  const added = await tools.http(
    request(configuration, {
      method: 'POST',
      path: `${bridgePath(bridgeId)}/addChannel`,
      query: { channel: channelIds.join(',') },
    }),
  );
  return added.status === 204;
}

/** Its channels stay. 404 when there is none. */
export function removeBridge(
  configuration: AriConfiguration,
  bridgeId: string,
  tools: CarrierTools,
): Promise<CarrierReply> {
  return tools.http(request(configuration, { method: 'DELETE', path: bridgePath(bridgeId) }));
}

function bridgePath(bridgeId: string): string {
  return `/bridges/${encodeURIComponent(bridgeId)}`;
}

function livePath(name: string): string {
  return `/recordings/live/${encodeURIComponent(name)}`;
}

function storedPath(name: string): string {
  return `/recordings/stored/${encodeURIComponent(name)}`;
}
