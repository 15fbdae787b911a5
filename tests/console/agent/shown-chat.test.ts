/** A reply of a former text chat never takes the place of the one that is shown. */
import type { TextChat } from '@dograh-trigger/shared';
import { afterReply } from '../../../trigger-server/console/src/screens/agent/chat/shown-chat';

function chat(workflow_run_id: number, revision: number): TextChat {
  return { workflow_run_id, revision } as TextChat;
}

test('a reply is shown in its own chat, and neither in another one nor while another one starts', () => {
  expect(afterReply(chat(1, 2), chat(1, 4))).toEqual(chat(1, 4));
  expect(afterReply(chat(2, 2), chat(1, 4))).toEqual(chat(2, 2));
  expect(afterReply(null, chat(1, 4))).toBeNull();
});
