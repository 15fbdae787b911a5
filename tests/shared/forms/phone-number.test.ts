import { cleanPhoneNumber, parsePhoneNumber } from '@dograh-trigger/shared';

describe('parsePhoneNumber', () => {
  test.each([
    ['+14155550100', '+14155550100'],
    ['+1 (415) 555-0100', '+14155550100'],
    ['+1.415.555.0100', '+14155550100'],
    ['  +44 20 7946 0958 ', '+442079460958'],
    ['+33.1.42.68.53.00', '+33142685300'],
    ['+1234567', '+1234567'],
    ['+123456789012345', '+123456789012345'],
  ])('%j is %s', (text, e164) => {
    expect(parsePhoneNumber(text)).toEqual({ ok: true, e164 });
  });

  test.each([
    ['nothing', ' ', 'is empty'],
    ['bare digits', '14155550100', 'must begin with +'],
    ['a national number', '(415) 555-0100', 'must begin with +'],
    ['the 00 prefix', '0014155550100', 'must begin with +'],
    ['letters', '+1-800-FLOWERS', 'cannot be dialled'],
    ['a second number', '+14155550100 +14155550101', 'cannot be dialled'],
    ['a non-breaking space', '+1\u00a04155550100', 'cannot be dialled'],
    ['digits of another script', '+١٤١٥٥٥٥٠١٠٠', 'cannot be dialled'],
    ['a tel: address', 'tel:+14155550100', 'SIP or tel:'],
    ['a SIP address', 'sip:jane@example.test', 'SIP or tel:'],
    ['a SIP user', '+14155550100@example.test', 'SIP or tel:'],
    ['an Asterisk endpoint', 'PJSIP/6001', 'SIP or tel:'],
    ['an extension after x', '+14155550100x12', 'without its extension'],
    ['an extension in words', '+1 415 555 0100 ext. 12', 'without its extension'],
    ['an extension after ;ext=', '+14155550100;ext=12', 'without its extension'],
    ['a trunk zero in brackets', '+44 (0)20 7946 0958', 'Remove "(0)"'],
    ['a calling code that begins with 0', '+04155550100', 'never begins with 0'],
    ['six digits', '+123456', 'at least 7'],
    ['sixteen digits', '+1234567890123456', 'at most 15'],
    ['a decimal, which would gain a digit without its dot', '+14155550100.0', 'ends in ".0"'],
    ['a very long text', `+${'1'.repeat(100_000)}`, 'too long'],
  ])('%s is refused, with a reason that says what to do', (_, text, reason) => {
    expect(parsePhoneNumber(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  test('a reason never quotes the number', () => {
    for (const text of [
      '4155550100',
      '+415555010x',
      '+1 415 555 0100 ext 9',
      '+0415555010',
      'sip:4155550100',
    ]) {
      const check = parsePhoneNumber(text);
      expect(check).toEqual({ ok: false, reason: expect.not.stringContaining('415555010') });
    }
  });
});

describe('cleanPhoneNumber', () => {
  test.each([
    ['+1 (415) 555-0100', '+14155550100'],
    ['0014155550100', '+14155550100'],
    ["'+14155550100", '+14155550100'],
    ['"+1 415 555 0100"', '+14155550100'],
    ['“+1 415 555 0100”', '+14155550100'],
    ['\u202a+1\u00a0(415)\u00a0555\u20110100\u202c', '+14155550100'],
    ['\ufeff+1\u2009415\u2009555\u20130100\t', '+14155550100'],
    ['+1\t415\n5550100', '+14155550100'],
    ['+１４１５５５５０１００', '+14155550100'],
  ])('%j is %s', (text, e164) => {
    expect(cleanPhoneNumber(text)).toEqual({ ok: true, e164 });
  });

  test.each(['1.41555E+10', '1.41555e+10', '1,41555E+10', '+1.4E10', '1E10'])(
    '%s, in a spreadsheet’s scientific notation, is refused because digits are lost',
    (text) => {
      expect(cleanPhoneNumber(text)).toEqual({ ok: false, reason: expect.stringContaining('spreadsheet') });
    },
  );

  test.each([
    '14155550100',
    '+44 (0)20 7946 0958',
    '+1 800 FLOWERS',
    '',
    'tel:+14155550100',
    '000014155550100',
  ])('%j is refused with the same reason as by parsePhoneNumber: cleaning never guesses', (text) => {
    expect(cleanPhoneNumber(text)).toEqual({ ok: false, reason: expect.any(String) });
  });
});

describe('with a default country', () => {
  test.each([
    ['(415) 555-0100', 'US', '+14155550100'],
    ['1 415 555 0100', 'US', '+14155550100'],
    ['020 7946 0958', 'GB', '+442079460958'],
    ['030 123456', 'DE', '+4930123456'],
    ['06 12 34 56 78', 'FR', '+33612345678'],
    ['06 1234 5678', 'IT', '+390612345678'],
    ['8 (912) 345-67-89', 'RU', '+79123456789'],
    [' "4155550100" ', 'US', '+14155550100'],
  ])('%j of %s is read as its forms write it', (text, country, e164) => {
    expect(cleanPhoneNumber(text, country)).toEqual({ ok: true, e164 });
  });

  test.each(['+442079460958', '00442079460958'])(
    '%j stays the number of the country that it names',
    (text) => {
      expect(cleanPhoneNumber(text, 'US')).toEqual({ ok: true, e164: '+442079460958' });
    },
  );

  test.each([
    '555-0100',
    '415555010012345',
    '4155550100.0',
    '1.41555501E+10',
    '415 555 0100 ext 5',
    '(0)30 123456',
    'jane',
    '',
  ])('%j is refused: it could be another number', (text) => {
    expect(cleanPhoneNumber(text, 'US').ok).toBe(false);
  });

  test('none is assumed', () => {
    expect(cleanPhoneNumber('(415) 555-0100').ok).toBe(false);
    expect(cleanPhoneNumber('(415) 555-0100', 'XX').ok).toBe(false);
  });
});
