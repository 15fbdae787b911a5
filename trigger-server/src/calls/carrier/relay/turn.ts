/** A turn of a conversation over a relay: computed like every other one, and said while it is. */
import type { CallAttempt } from '../../../carriers/port/call-name';
import type { FromCallee, TalkReply, TransferEnd } from '../../../carriers/port/talk';
import { keepHeard } from '../../../conversations/talk/claim';
import type { Listener } from '../../../conversations/talk/take-turn';
import type { TalkServices } from '../../../conversations/talk/talk-services';
import type { Services } from '../../../services';
import { hearTurn } from '../transfer';

export type TurnServices = TalkServices & Pick<Services, 'turnPlaces'>;

/** What a relay says of its callee. */
export type Heard = Exclude<FromCallee, TransferEnd>;

/** While this process has no place for the turn, or another one computes it. */
const againMilliseconds = 1000;
const mostTries = 60;

/** @param isWanted whether somebody still listens. @returns null where the turn is not computed here. */
export async function relayTurn(
  services: TurnServices,
  { call, organizationId }: { call: CallAttempt; organizationId: number },
  { turn, heard }: { turn: number; heard: Heard | null },
  listener: Listener,
  isWanted: () => boolean,
): Promise<TalkReply | null> {
  const { carrier, clock, turnPlaces } = services;
  /** Stored with the claim of the turn, or without one where there is no place for it. */
  let isStored = heard === null;
  const take = async () => {
    const reply = await turnPlaces.run(organizationId, () => {
      isStored = true;
      return hearTurn(services, call, turn, heard, listener);
    });
    if (!isStored && heard !== null) await keepHeard(services, call, turn, heard);
    isStored = true;
    return reply;
  };
  for (let tries = 0; tries < mostTries && isWanted(); tries += 1) {
    const reply = await take();
    // A server that stops computes no turn any more.
    if (reply !== null || carrier.isClosed) return reply;
    await new Promise<void>((resolve) => clock.after(againMilliseconds, resolve));
  }
  return null;
}
