/**
 * The name in `initial_context` by which the client marks a call, so that it can find the call again in the list of
 * calls. It is no value for prompts: it is never rendered, and left out of the bundled server's events.
 */
export const callMarker = 'dograh_trigger_call';
