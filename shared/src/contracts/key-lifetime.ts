/** For how many seconds an idempotency key is kept: unless the request says, and what it may say. */
export const keyLifetime = { usual: 24 * 3600, shortest: 3600, longest: 30 * 24 * 3600 } as const;
