/** Whether a carrier accepts the settings of an account. */
import { Problem } from '../../problem';
import type { Verdict } from '../port/provider';
import type { CarrierTools } from '../port/tools';
import type { CarrierAnswer } from './ask';
import { refusalText } from './dial';

interface AccountReading {
  /** The carrier's name. */
  carrier: string;
  /** The carrier's own code and words in the body of a refusal. */
  words: (body: unknown) => string | undefined;
  /** The HTTP statuses that mean that a setting is wrong, and the field to check first. */
  wrong: Readonly<Record<number, string>>;
}

/** @param answer to a read of the account's own resource; null without an answer. */
export function verdictOn(answer: CarrierAnswer | null, { carrier, words, wrong }: AccountReading): Verdict {
  if (answer === null) return { ok: null, detail: `${carrier} could not be reached.`, field: null };
  const { status, body } = answer;
  if (status >= 200 && status < 300) {
    return { ok: true, detail: `${carrier} accepts these settings.`, field: null };
  }
  const detail = refusalText(carrier, status, words(body));
  const field = wrong[status];
  return field === undefined ? { ok: null, detail, field: null } : { ok: false, detail, field };
}

type Verify<Configuration> = (configuration: Configuration, tools: CarrierTools) => Promise<Verdict>;

/**
 * A provider's `prepare` that refuses what the carrier refuses. If the carrier cannot be reached, saving is allowed.
 * @throws Problem bad_request with the carrier's words.
 */
export function refuseIfWrong<Configuration>(verify: Verify<Configuration>) {
  return async (configuration: Configuration, tools: CarrierTools): Promise<Configuration> => {
    const { ok, detail } = await verify(configuration, tools);
    if (ok === false) throw new Problem('bad_request', detail);
    return configuration;
  };
}
