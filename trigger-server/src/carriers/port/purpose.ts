/** What a callback of a carrier is about; part of its URL and of the URL's signature. */
export const callbackPurposes = ['answer', 'status', 'ring', 'hangup', 'announcement', 'recording'] as const;
export type CallbackPurpose = (typeof callbackPurposes)[number];
