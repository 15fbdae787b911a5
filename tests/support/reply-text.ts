/**
 * The text of a reply; empty for a stream of events, which does not end by itself. What a stream says has a test of its
 * own (`trigger-server/console/events.test.ts`).
 */
export async function replyText(reply: Response): Promise<string> {
  if (reply.headers.get('content-type')?.startsWith('text/event-stream') !== true) return reply.text();
  await reply.body?.cancel();
  return '';
}
