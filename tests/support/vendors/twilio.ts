/** A loopback Twilio. */
import { startTwimlVendor, twimlCallback, type TwimlAccount } from './twiml';
import type { Vendor, VendorCallback } from './vendor';

/** In Twilio's documented format, except for the letters. */
export const accountSid = 'ACSECRET00000000000000000000000001';
export const authToken = 'SECRET-twilio-auth-token';

const account: TwimlAccount = {
  path: `/2010-04-01/Accounts/${accountSid}`,
  sid: accountSid,
  token: authToken,
  signatureHeader: 'x-twilio-signature',
};

/** A callback as Twilio sends and signs it. */
export function twilioCallback(url: string, fields: Record<string, string>): VendorCallback {
  return twimlCallback(account, url, fields);
}

/** @param now as of `startTwimlVendor`. */
export function startTwilio(now?: () => Date): Promise<Vendor> {
  return startTwimlVendor(account, now);
}
