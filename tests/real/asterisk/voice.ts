/**
 * What the phones say: tones in place of words, as RTP packets with PCMU (RFC 3550, ITU-T G.711). Like a phone, it sends a
 * packet every 20 ms also where nobody talks.
 */
import type { Socket } from 'node:dgram';

const packetMilliseconds = 20;
const samplesPerSecond = 8000;
const samplesPerPacket = (samplesPerSecond * packetMilliseconds) / 1000;
const loudness = 12_000;
/** Of each tone. */
const toneMilliseconds = 1000;

export interface Voice {
  /** Says a tone of this height to whoever has sent sound to the socket last. */
  says(hertz: number): void;
  close(): void;
}

export function startVoice(socket: Socket): Voice {
  let peer: { address: string; port: number } | undefined;
  let tone = { hertz: 0, samplesLeft: 0 };
  let packets = 0;
  socket.on('message', (_packet, { address, port }) => {
    peer = { address, port };
  });
  const timer = setInterval(() => {
    if (peer === undefined) return;
    const payload = Buffer.alloc(samplesPerPacket);
    for (let index = 0; index < samplesPerPacket; index += 1) {
      const angle = (2 * Math.PI * tone.hertz * tone.samplesLeft) / samplesPerSecond;
      payload[index] = pcmu(tone.samplesLeft > 0 ? Math.round(loudness * Math.sin(angle)) : 0);
      tone.samplesLeft = Math.max(0, tone.samplesLeft - 1);
    }
    const header = Buffer.alloc(12);
    header.writeUInt8(0x80, 0);
    header.writeUInt16BE(packets % 65_536, 2);
    header.writeUInt32BE(packets * samplesPerPacket, 4);
    header.writeUInt32BE(7, 8);
    packets += 1;
    socket.send(Buffer.concat([header, payload]), peer.port, peer.address);
  }, packetMilliseconds);
  return {
    says(hertz) {
      tone = { hertz, samplesLeft: (toneMilliseconds * samplesPerSecond) / 1000 };
    },
    close() {
      clearInterval(timer);
    },
  };
}

/** One sample of 16 bits in eight: sign, exponent and mantissa, all inverted. */
function pcmu(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const value = Math.min(Math.abs(sample), 32_635) + 132;
  const exponent = Math.floor(Math.log2(value)) - 7;
  const mantissa = (value >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}
