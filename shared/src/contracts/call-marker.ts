/**
 * The key in `initial_context` under which a client marks a call, to find it again on a server that keeps no
 * idempotency keys. The mark has no other use: events and prompts leave it out.
 */
export const callMarker = 'dograh_trigger_call';
