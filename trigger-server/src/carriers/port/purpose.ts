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
  /** Requests the message for a machine. */
  'message',
  /** Requests the next instructions after that message. */
  'message_heard',
] as const;
export type CallbackPurpose = (typeof callbackPurposes)[number];
