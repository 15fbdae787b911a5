/** What a callback of a carrier is about; part of its URL and of the URL's signature. */
export const callbackPurposes = [
  'answer',
  'status',
  'ring',
  'hangup',
  'announcement',
  'recording',
  /** The result of machine detection. */
  'machine',
  /** Requests the next instructions after we have redirected the call, because its message is due. */
  'redirected',
  /** Requests the message for a machine. */
  'message',
  /** Requests the next instructions after that message. */
  'message_heard',
  /** What was heard in a turn of a conversation. Its reply is the next document. */
  'turn',
  /** Requests the document of a turn of a conversation that was begun before, or of its opening. */
  'talk',
  /** Opens the WebSocket of a relay. */
  'relay',
  /** The relay is over. Its reply is the next document. */
  'relay_end',
  /** What became of a transfer in a conversation. Its reply is the next document. */
  'transfer',
  /** Requests what is said while a turn takes its time, for a carrier that plays our sounds. */
  'filler',
] as const;
export type CallbackPurpose = (typeof callbackPurposes)[number];

const ofTurns: ReadonlySet<CallbackPurpose> = new Set(['turn', 'talk', 'transfer', 'filler', 'relay_end']);

/** Whether a request of this purpose belongs to a conversation that has begun. */
export function isOfTurn(purpose: CallbackPurpose): boolean {
  return ofTurns.has(purpose);
}
