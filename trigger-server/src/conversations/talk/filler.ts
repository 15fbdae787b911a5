/** The words that a carrier speaks while a turn is computed. */
import type { CallAttempt } from '../../carriers/port/call-name';
import { findRunState } from '../../runs/run-state';
import type { Services } from '../../services';
import { writeResults } from './results';

/** Notes that they are said. Does nothing once the call has ended. */
export function noteFiller(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  { runId, attempt }: CallAttempt,
  turn: number,
  text: string,
): Promise<void> {
  const at = clock.now();
  return storage.write(async (session) => {
    await session.lock('run', runId);
    const run = await findRunState(session, runId);
    if (run?.attempt !== attempt || run.completed_at !== null) return;
    const event = { type: 'rtf-bot-text', payload: { text }, nodeId: null, nodeName: null, at };
    const results = { turn: turn + 1, events: [event], gathered: {}, usage: [], processor: '' };
    await writeResults(session, run, results, at);
  });
}
