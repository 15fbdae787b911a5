/** Speech to text by a command of the operator: WAV on standard input, text on standard output. */
import { inTurn, runProgram, type Program } from './program';

const program: Program = {
  variable: 'STT_COMMAND',
  does: 'turns speech into text',
  tooMuch: 'too much text',
  limits: { milliseconds: 10_000, bytes: 64 * 1024 },
};

/**
 * What is said in a sound; empty: nothing.
 * @param command its words may have `{locale}`, which becomes the language (`en-US`), and `{language}`, which becomes the
 * first part of it (`en`). @param language a BCP 47 tag.
 * @throws Error when the command fails, takes too long or writes too much.
 */
export async function recognize(command: readonly string[], wav: Buffer, language: string): Promise<string> {
  const [first = ''] = language.split('-', 1);
  const words = command.map((word) => word.replaceAll('{locale}', language).replaceAll('{language}', first));
  const text = await inTurn(
    () => runProgram(program, words, wav),
    () => 'now',
  );
  return text.toString('utf8').trim();
}
