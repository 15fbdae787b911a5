/** Fields that let a call wait. A server that does not know them, such as Dograh, would call at once. */
import { scheduleFields } from '../contracts';
import { TriggerError } from '../errors';
import { wireRequest, type CallRequest } from './call-request';
import { labelOf } from './labels';

/**
 * Refuses a call with such a field before anything is sent, unless the server honours it.
 * @param canSchedule whether the server lists the extension `scheduling`. Called only for a call that needs it.
 * @throws TriggerError `invalid_input`
 */
export async function refuseUnlessScheduled(
  call: CallRequest,
  canSchedule: () => Promise<boolean>,
): Promise<void> {
  const request: Record<string, unknown> = wireRequest(call);
  const given = Object.keys(scheduleFields.shape).filter((name) => request[name] !== undefined);
  if (given.length === 0 || (await canSchedule())) return;
  const labels = given.map((name) => labelOf(name) ?? name).join(', ');
  throw new TriggerError({
    code: 'invalid_input',
    message:
      `This server does not know ${labels}, and would call at once without regard to it, so nothing was sent. Leave it ` +
      'empty, or use a Dograh Trigger server whose /health lists scheduling.',
  });
}
