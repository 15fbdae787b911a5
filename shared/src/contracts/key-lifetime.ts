/** How long an idempotency key is kept, in seconds: the default, and the bounds for a request's own value. */
export const keyLifetime = { usual: 24 * 3600, shortest: 3600, longest: 30 * 24 * 3600 } as const;
