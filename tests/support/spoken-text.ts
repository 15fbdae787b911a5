/**
 * Programs for TTS_COMMAND and STT_COMMAND that are real processes. The sound contains the text: each sample is one byte of
 * it. So a test reads what is spoken, and what a callee says is recognized, without a synthesizer and a recognizer.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wav } from './wav';

const speak = `
const text = require('node:fs').readFileSync(0);
const header = Buffer.alloc(44);
header.write('RIFF', 0, 'latin1');
header.writeUInt32LE(36 + 2 * text.length, 4);
header.write('WAVEfmt ', 8, 'latin1');
header.writeUInt32LE(16, 16);
header.writeUInt16LE(1, 20);
header.writeUInt16LE(1, 22);
header.writeUInt32LE(8000, 24);
header.writeUInt32LE(16000, 28);
header.writeUInt16LE(2, 32);
header.writeUInt16LE(16, 34);
header.write('data', 36, 'latin1');
header.writeUInt32LE(2 * text.length, 40);
const samples = Buffer.alloc(2 * text.length);
text.forEach((byte, at) => samples.writeInt16LE(byte, 2 * at));
process.stdout.write(Buffer.concat([header, samples]));
`;

/** It fails for the text `unintelligible`. */
const recognize = `
const wav = require('node:fs').readFileSync(0);
const data = wav.subarray(wav.indexOf('data') + 8);
const bytes = [];
for (let at = 0; at + 1 < data.length; at += 2) bytes.push(data.readInt16LE(at));
const text = Buffer.from(bytes).toString();
if (text === 'unintelligible') process.exit(1);
process.stdout.write(text + (process.argv[2] ?? ''));
`;

/** The variables of a server that speaks and hears so. */
export function spokenText(): { TTS_COMMAND: string; STT_COMMAND: string } {
  const folder = mkdtempSync(join(tmpdir(), 'spoken-text-'));
  writeFileSync(join(folder, 'speak.cjs'), speak);
  writeFileSync(join(folder, 'recognize.cjs'), recognize);
  process.once('exit', () => {
    rmSync(folder, { recursive: true });
  });
  return {
    TTS_COMMAND: `${process.execPath} ${join(folder, 'speak.cjs')}`,
    STT_COMMAND: `${process.execPath} ${join(folder, 'recognize.cjs')}`,
  };
}

/** The text in a sound of `TTS_COMMAND`. */
export function textIn(sound: Buffer): string {
  const data = sound.subarray(sound.indexOf('data') + 8);
  const bytes: number[] = [];
  for (let at = 0; at + 1 < data.length; at += 2) bytes.push(data.readInt16LE(at));
  return Buffer.from(bytes).toString();
}

/** The sound in which `STT_COMMAND` hears this text. */
export function soundWith(text: string): Buffer {
  return wav([...Buffer.from(text)], { rate: 8000 });
}
