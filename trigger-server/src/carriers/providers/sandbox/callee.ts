/** The callee of a sandbox call that talks: it says its lines, one a turn, and then hangs up. */
import type { CallReports } from '../../port/call';
import type { CallAttempt } from '../../port/call-name';
import { ended, type StatusReport } from '../../port/report';
import type { FromCallee, TalkProgress } from '../../port/talk';

/** How a turn went: another one has it under way; it is over; or the report of the end of the conversation. */
type Played = 'busy' | 'over' | StatusReport;

/** Plays one turn. */
export async function playTurn(
  call: CallAttempt,
  { turn, reply, calleeSays }: TalkProgress,
  reports: CallReports,
): Promise<Played> {
  if (reply?.then !== 'hang_up') {
    const next = await reports.hear(call, turn, lineOf(calleeSays, turn));
    return next === null ? 'busy' : 'over';
  }
  const end = await reports.endTalk(call);
  if (end === null) return 'busy';
  const { conversation, hungUpBy, error } = end;
  return {
    ...ended(hungUpBy === 'callee' ? 'callee_hung_up' : 'agent_hung_up'),
    rawStatus: 'sandbox:completed',
    conversation,
    ...(error === null ? {} : { error }),
  };
}

function lineOf(lines: readonly string[], turn: number): FromCallee {
  if (turn === 0) return { kind: 'opening' };
  const text = lines[turn - 1];
  if (text === undefined) return { kind: 'hung_up' };
  return text.trim() === '' ? { kind: 'silence' } : { kind: 'said', text };
}
