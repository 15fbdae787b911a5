/**
 * The name under which a client marks a call in its `initial_context`, so that it finds the call again on a server that
 * knows no idempotency keys. It is for that alone: no event tells it, and no prompt says it.
 */
export const callMarker = 'dograh_trigger_call';
