/** Which text chat is shown: a reply of a former one comes too late. */
import type { TextChat } from '@dograh-trigger/shared';

/** @param shown null while another chat is started. */
export function afterReply(shown: TextChat | null, reply: TextChat): TextChat | null {
  return shown?.workflow_run_id === reply.workflow_run_id ? reply : shown;
}
