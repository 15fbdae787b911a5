/** How a call talks by relay, and how it goes on when its relay is over. */
import type { AnsweredCall } from '../../../carriers/port/call';
import type { CallAttempt } from '../../../carriers/port/call-name';
import type { CallbackRequest, Callbacks } from '../../../carriers/port/callback';
import { isConversation, type Instruction } from '../../../carriers/port/instructions';
import type { FromCallee } from '../../../carriers/port/talk';
import { concludeTalk } from '../../../conversations/talk/conclude-talk';
import { phrasesFor } from '../../../conversations/talk/phrases';
import { noteFiller } from '../../../conversations/talk/results';
import type { TalkServices } from '../../../conversations/talk/talk-services';
import { progressOf } from '../../../conversations/talk/talks';
import type { RunRow } from '../../../runs/runs';
import type { Services } from '../../../services';
import { configurationsOf } from '../answering';
import { languageOf, listening } from '../conversation';
import { speechOf } from '../speech';

type Needs = Pick<Services, 'config' | 'storage' | 'hasModel'>;

interface Account {
  callbacks: Callbacks<never>;
  configuration: never;
  run: RunRow;
}

/** The same call, whose conversation the carrier holds by relay where its account says so. */
export async function withRelay(
  services: Needs,
  account: Account,
  call: AnsweredCall,
): Promise<AnsweredCall> {
  if (account.callbacks.relay?.isChosen(account.configuration) !== true) return call;
  if (!isConversation(call.instructions)) return call;
  return { ...call, instructions: [await relayOf(services, account.run, call)] };
}

/**
 * The instructions with which a relay begins; null for any other request. It begins once, so that a conversation whose
 * relay broke off goes on by documents.
 */
export async function relayInstructions(
  services: Needs,
  { callbacks, configuration, run }: Account,
  call: AnsweredCall,
  { purpose }: CallbackRequest,
): Promise<Instruction[] | null> {
  if (purpose !== 'answer' || callbacks.relay?.isChosen(configuration) !== true) return null;
  const hasBegun = (await progressOf(services.storage.read, call)) !== null;
  return hasBegun ? null : [await relayOf(services, run, call)];
}

/** What comes after the last words, if they were said over the relay that the request reports the end of. */
export function withoutSaid(
  { relay }: Callbacks<never>,
  request: CallbackRequest,
  instructions: readonly Instruction[],
): readonly Instruction[] {
  const isSaid = request.purpose === 'relay_end' && relay?.wasEnded(request) === true;
  return isSaid ? instructions.filter(({ name }) => name !== 'say') : instructions;
}

/** The turn with which a conversation goes on by documents. What was heard in it is stored, or its last words are repeated. */
export async function turnAfterRelay(
  { storage }: Pick<Services, 'storage'>,
  call: CallAttempt,
): Promise<{ turn: number; heard: FromCallee | null }> {
  const turn = (await progressOf(storage.read, call))?.turn ?? 0;
  return { turn, heard: turn === 0 ? { kind: 'opening' } : null };
}

/**
 * The carrier says that the conversation cannot go on. The words count as said, and the conversation as broken off: its last
 * values are extracted meanwhile.
 */
export async function noteClosing(
  services: Needs & TalkServices,
  { run }: Pick<Account, 'run'>,
  call: AnsweredCall,
): Promise<void> {
  const closing = call.instructions.find((one) => one.name === 'relay')?.closing ?? null;
  if (closing === null) return;
  const turn = (await progressOf(services.storage.read, call))?.turn ?? 0;
  await noteFiller(services, call, turn, closing.text);
  const ended = async () => {
    await concludeTalk(services, call, 'error');
  };
  const failure = 'a conversation that broke off could not be concluded';
  services.background.begin(failure, ended, { runId: run.id });
}

async function relayOf(services: Needs, run: RunRow, call: AnsweredCall): Promise<Instruction> {
  const configurations = await configurationsOf(services, services.storage.read, run);
  const speech = speechOf(run, configurations);
  const isOver = (await progressOf(services.storage.read, call))?.reply?.then === 'hang_up';
  const text = phrasesFor(speech.language, configurations).closing;
  return {
    closing: isOver ? null : { name: 'say', text, ...speech },
    name: 'relay',
    url: call.callbackUrl('relay').replace(/^http/, 'ws'),
    endUrl: call.callbackUrl('relay_end'),
    listenTo: languageOf(services, run, speech.language),
    hints: listening(configurations).hints,
    ...speech,
  };
}
