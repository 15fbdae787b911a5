/** The telephone network behind a trunk: SIPp's phones, and what they hear, on free ports of 127.0.0.1. */
import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { end } from './programs';
import { startVoice } from './voice';

export interface Network {
  /** The port of the trunk. */
  port: number;
  /** When sound that is not silence reached any phone, from `since` on: milliseconds of Unix time of each packet. */
  soundSince(since: number): number[];
  /** When a phone answered last: milliseconds of Unix time; 0 if none did. */
  lastAnswer(): number;
  /** When Asterisk hung up on a phone last: milliseconds of Unix time; 0 if it never did. */
  lastHangup(): number;
  /** How often a phone was called. */
  invitations(): number;
  /** The phone that hears something says a tone of this height. */
  says(hertz: number): void;
  close(): Promise<void>;
}

/**
 * @param root the folder of `installAsterisk`. @param folder for its files. @param inside the same folder, below `root`.
 */
export async function startNetwork(root: string, folder: string, inside: string): Promise<Network> {
  const listener = await openUdp();
  const port = await freeUdpPort();
  const media = await freeUdpPort();
  const packets: number[] = [];
  listener.on('message', (packet) => {
    if (isAudible(packet)) packets.push(Date.now());
  });
  const voice = startVoice(listener);
  copyFileSync(join(__dirname, 'trunk.xml'), join(folder, 'trunk.xml'));
  const phones = spawn(
    'chroot',
    [
      root,
      'sipp',
      ...['-sf', `${inside}/trunk.xml`],
      ...['-i', '127.0.0.1', '-p', String(port), '-mp', String(media)],
      ...['-key', 'listener', String(listener.address().port)],
      ...['-trace_shortmsg', '-shortmessage_file', `${inside}/messages.csv`],
      '-nostdin',
      '-skip_rlimit',
    ],
    { stdio: 'ignore' },
  );
  const messages = (pattern: RegExp) =>
    readFileSync(join(folder, 'messages.csv'), 'utf8')
      .split('\n')
      .filter((line) => pattern.test(line));
  const lastTime = (pattern: RegExp) => timeOf(messages(pattern).at(-1) ?? '');
  return {
    port,
    soundSince: (since) => packets.filter((at) => at >= since),
    lastAnswer: () => lastTime(/\tS\t.*\tCSeq: *\d+ INVITE\tSIP\/2\.0 200/),
    lastHangup: () => lastTime(/\tR\t.*\tBYE /),
    invitations: () => messages(/\tR\t.*\tINVITE /).length,
    says: (hertz) => {
      voice.says(hertz);
    },
    async close() {
      voice.close();
      listener.close();
      await end(phones);
    },
  };
}

/** Whether an RTP packet (RFC 3550) has PCMU sound (ITU-T G.711) that a person hears. Near silence, all bits are set. */
function isAudible(packet: Buffer): boolean {
  return packet.subarray(12).some((sample) => (sample & 0x7f) < 0x60);
}

/** Milliseconds of Unix time in a line of SIPp; 0 if it has none. */
function timeOf(line: string): number {
  return Number(/\t(\d+\.\d+)\t/.exec(line)?.[1] ?? 0) * 1000;
}

async function openUdp(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

export async function freeUdpPort(): Promise<number> {
  const socket = await openUdp();
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
