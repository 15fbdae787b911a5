/**
 * The documents of a call that talks, turn by turn. The carrier never waits for the language model: a document that is
 * not ready in time lets it wait and ask again, while the turn goes on.
 */
import type { AgentConfigurations, JsonObject } from '@dograh-trigger/shared';
import type { AnsweredCall } from '../../carriers/port/call';
import type { CallAttempt } from '../../carriers/port/call-name';
import type { SayInstruction } from '../../carriers/port/instructions';
import type { CallbackPurpose } from '../../carriers/port/purpose';
import { findLanguage, usualLanguage } from '../../carriers/port/speech';
import type { AskedTurn, FromCallee, NextInstructions, TalkReply } from '../../carriers/port/talk';
import { findProvider } from '../../carriers/registry';
import { noteFiller } from '../../conversations/talk/results';
import type { TalkServices } from '../../conversations/talk/talk-services';
import { phrasesFor } from '../../conversations/talk/phrases';
import { keepHeard } from '../../conversations/talk/claim';
import { progressOf } from '../../conversations/talk/talks';
import type { RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import { callbackUrl } from './callback-urls';
import { configurationsOf } from './answering';
import { speechOf } from './speech';
import { asHeard } from './transfer';

type Needs = TalkServices & Pick<Services, 'hasModel' | 'callReports' | 'turnPlaces'>;

const usualPatienceMilliseconds = 2500;
/** How often it is looked for the reply of a turn that another request has begun. */
const lookMilliseconds = 250;
/** Until the carrier asks again for a document that is not ready. */
const pauseSeconds = 1;

/** Dograh's default, for an agent without `max_user_idle_timeout`. */
const usualSilenceSeconds = 10;
/** Where the agent's setting is 0: no carrier listens for longer. */
const longestSilenceSeconds = 60;
/** Of `dictionary`, as words that are likely to be said. */
const mostHints = 100;
const longestHint = 100;

/** The instructions of a turn, or those that let the carrier wait for them. */
export async function nextInstructions(
  services: Needs,
  run: RunRow,
  call: Pick<AnsweredCall, 'runId' | 'attempt' | 'configurationId'>,
  { turn, heard, isRepeated }: AskedTurn,
  patienceMilliseconds = usualPatienceMilliseconds,
): Promise<NextInstructions> {
  const configurations = await configurationsOf(services, services.storage.read, run);
  const urlOf = (purpose: CallbackPurpose, of: number) =>
    callbackUrl(services, {
      provider: run.mode,
      configurationId: call.configurationId,
      runId: call.runId,
      attempt: call.attempt,
      purpose,
      turn: of,
    });
  const speech = speechOf(run, configurations);
  const say = (text: string): SayInstruction => ({ name: 'say', text, ...speech });
  const reached = await replyWithin(services, run, call, { turn, heard, patienceMilliseconds });
  if (reached === null) {
    const filler = isRepeated ? null : phrasesFor(speech.language, configurations).filler;
    if (filler !== null) await noteFiller(services, call, turn, filler);
    return {
      instructions: [
        ...(filler === null ? [] : [say(filler)]),
        { name: 'pause', seconds: pauseSeconds },
        { name: 'go_on', url: urlOf('talk', turn) },
      ],
      turn,
      url: urlOf('filler', turn),
    };
  }
  const { reply, next } = reached;
  const said = reply.say.map(say);
  const place = { turn: next, url: urlOf('talk', next - 1) };
  if (reply.then === 'hang_up') return { instructions: [...said, { name: 'hang_up' }], ...place };
  if (reply.then !== 'listen') {
    const { transferTo: to, timeoutSeconds } = reply.then;
    const url = urlOf('transfer', next);
    const transfer = { name: 'transfer' as const, to, from: run.caller_number, timeoutSeconds, url };
    return { instructions: [...said, transfer], ...place };
  }
  const isOver = reply.isInterruptible === true;
  return {
    instructions: [
      ...(isOver ? [] : said),
      {
        name: 'gather',
        url: urlOf('turn', next),
        language: languageOf(services, run, speech.language),
        over: isOver ? said : [],
        ...listening(configurations),
      },
    ],
    ...place,
  };
}

/** What is said while a turn takes its time, for a carrier that plays it apart from other instructions. */
export async function fillerOf(
  services: Pick<Services, 'config' | 'storage' | 'hasModel'>,
  run: RunRow,
): Promise<SayInstruction> {
  const configurations = await configurationsOf(services, services.storage.read, run);
  const speech = speechOf(run, configurations);
  return { name: 'say', text: phrasesFor(speech.language, configurations).filler, ...speech };
}

/** The language to listen for. Carriers want it with its region. */
export function languageOf(
  { config }: Pick<Services, 'config'>,
  { mode }: RunRow,
  language: string | null,
): string {
  const { languages } = findProvider(mode)?.speech(config) ?? { languages: 'any' };
  const wanted = language ?? usualLanguage;
  return (languages === 'any' ? undefined : findLanguage(languages, wanted)) ?? wanted;
}

export function listening(configurations: AgentConfigurations): { silenceSeconds: number; hints: string[] } {
  const { max_user_idle_timeout: idle, dictionary } = configurations as JsonObject;
  const seconds = typeof idle === 'number' ? idle : usualSilenceSeconds;
  const words = typeof dictionary === 'string' ? dictionary.split(',', mostHints) : [];
  return {
    silenceSeconds: seconds > 0 ? Math.min(seconds, longestSilenceSeconds) : longestSilenceSeconds,
    hints: words.map((word) => word.trim()).filter((word) => word !== '' && word.length <= longestHint),
  };
}

interface Reached {
  reply: TalkReply;
  /** The turn after it. */
  next: number;
}

/** The reply of a turn; null if it is not there in time. The turn is then computed on. */
async function replyWithin(
  services: Needs,
  run: RunRow,
  call: CallAttempt,
  {
    turn,
    heard,
    patienceMilliseconds,
  }: { turn: number; heard: FromCallee | null; patienceMilliseconds: number },
): Promise<Reached | null> {
  const { clock, storage } = services;
  let isLate = false;
  let stop: () => void = () => undefined;
  const late = new Promise<null>((resolve) => {
    stop = clock.after(patienceMilliseconds, () => {
      isLate = true;
      resolve(null);
    });
  });
  const isPast = () => isLate;
  const reached = async (reply: TalkReply): Promise<Reached> => ({
    reply,
    next: (await progressOf(storage.read, call))?.turn ?? turn + 1,
  });
  try {
    const reply = await Promise.race([computed(services, run, call, turn, heard), late]);
    if (reply !== null) return await reached(reply);
    while (!isPast()) {
      const progress = await progressOf(storage.read, call);
      if (progress?.reply != null && progress.turn > turn) {
        const known = await Promise.race([computed(services, run, call, turn, null), late]);
        if (known !== null) return await reached(known);
      }
      await Promise.race([new Promise<void>((look) => clock.after(lookMilliseconds, look)), late]);
    }
    return null;
  } finally {
    stop();
  }
}

/**
 * Computes a turn to its end, whether or not somebody waits for it.
 * @returns null while another one computes it, or where this process has no place for it. What was heard is kept then.
 */
function computed(
  services: Needs,
  { mode, organization_id: organizationId }: RunRow,
  call: CallAttempt,
  turn: number,
  heard: FromCallee | null,
): Promise<TalkReply | null> {
  const { turnPlaces, background } = services;
  let isTaken = false;
  const compute = async () => {
    const reply = await turnPlaces.run(organizationId, () => {
      isTaken = true;
      return services.callReports(mode).hear(call, turn, heard);
    });
    if (!isTaken && heard !== null) {
      const kept = await asHeard(services, call, heard);
      if (kept !== null) await keepHeard(services, call, turn, kept);
    }
    return reply;
  };
  const reply = compute();
  const failure = 'a turn of a conversation could not be computed';
  background.begin(failure, () => reply.then(() => undefined), { runId: call.runId });
  return reply;
}
