import * as z from 'zod';
import { maskConfiguration, maskSecret, restoreMasked } from '../../../trigger-server/src/carriers/masking';

const schema = z.object({
  account_id: z.string().meta({ field: { label: 'Account' } }),
  auth_token: z.string().meta({ field: { label: 'Token', secret: true } }),
  signing_key: z
    .string()
    .optional()
    .meta({ field: { label: 'Signing key', secret: true } }),
});
const stored = { account_id: 'AC1234567890', auth_token: 'secret-token' };

test.each([
  ['secret-token', '********oken'],
  ['12345', '*2345'],
  ['1234', '****'],
  ['1', '*'],
  ['', ''],
])('the mask of %j is %j', (secret, mask) => {
  expect(maskSecret(secret)).toBe(mask);
});

test('secrets are masked, the other fields stay readable, and absent ones stay absent', () => {
  expect(maskConfiguration(schema, stored)).toEqual({
    account_id: 'AC1234567890',
    auth_token: '********oken',
  });
});

test('a stored field that the schema does not know is not shown', () => {
  expect(maskConfiguration(schema, { ...stored, old_token: 'secret' })).not.toHaveProperty('old_token');
});

test('an unchanged mask means the stored secret', () => {
  expect(restoreMasked(schema, stored, { account_id: 'AC2', auth_token: '********oken' })).toEqual({
    account_id: 'AC2',
    auth_token: 'secret-token',
  });
});

test.each(['new-token', '*******oken', '********okeN'])(
  '%j is a new secret, not the stored one',
  (auth_token) => {
    expect(restoreMasked(schema, stored, { account_id: 'AC2', auth_token })).toEqual({
      account_id: 'AC2',
      auth_token,
    });
  },
);

test('a mask without a stored secret is stored as it was sent', () => {
  expect(restoreMasked(schema, stored, { ...stored, signing_key: '****' })).toMatchObject({
    signing_key: '****',
  });
});

test('a field without metadata is refused, because it may be a secret', () => {
  expect(() => maskConfiguration(z.object({ token: z.string() }), { token: 'x' })).toThrow(
    "The provider field 'token' must end with .meta(field({ label: … }))",
  );
});

test('a value that the server generated stays, whatever a form sends for it', () => {
  const schema = z.object({
    name: z.string().meta({ field: { label: 'Name' } }),
    minted: z
      .string()
      .optional()
      .meta({ field: { label: 'Minted', readOnly: true } }),
  });
  const stored = { name: 'before', minted: 'dograh_1' };
  expect(restoreMasked(schema, stored, { name: 'after' })).toEqual({ name: 'after', minted: 'dograh_1' });
  expect(restoreMasked(schema, stored, { name: 'after', minted: 'mine' })).toEqual({
    name: 'after',
    minted: 'dograh_1',
  });
  expect(restoreMasked(schema, { name: 'before' }, { name: 'after' })).toEqual({ name: 'after' });
});

describe('with an address that the secrets are sent to', () => {
  const schema = z.object({
    address: z.string().meta({ field: { label: 'Address', destination: true } }),
    password: z.string().meta({ field: { label: 'Password', secret: true } }),
  });
  const stored = { address: 'https://pbx.example.com', password: 'secret-word' };
  const masked = maskConfiguration(schema, stored);

  test('a mask is refused with another address, so the stored secret is sent nowhere else', () => {
    expect(() => restoreMasked(schema, stored, { ...masked, address: 'https://thief.example.com' })).toThrow(
      expect.objectContaining({
        kind: 'unprocessable',
        detail: [expect.objectContaining({ loc: ['body', 'config', 'password'] })],
      }),
    );
  });

  test('a mask means the stored secret at the same address, and a typed secret is accepted with any address', () => {
    expect(restoreMasked(schema, stored, masked)).toEqual(stored);
    const moved = { address: 'https://new.example.com', password: 'typed' };
    expect(restoreMasked(schema, stored, moved)).toEqual(moved);
  });
});
