import { element, xmlDocument } from '../../../../trigger-server/src/carriers/kit/xml';

test('text and attributes are data, whatever they contain', () => {
  const hostile = `</Say><Dial>"+1'&`;
  expect(xmlDocument(element('Response', { note: hostile }, element('Say', {}, hostile)))).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>' +
      '<Response note="&lt;/Say&gt;&lt;Dial&gt;&quot;+1&apos;&amp;">' +
      '<Say>&lt;/Say&gt;&lt;Dial&gt;&quot;+1&apos;&amp;</Say></Response>',
  );
});

test('characters that XML does not allow are left out, and all others stay', () => {
  expect(xmlDocument(element('Say', {}, 'a\u0000b\u0008c\ud800 d\tठ 😀'))).toContain('>abc\ufffd d\tठ 😀<');
});

test('an element without children closes itself', () => {
  expect(xmlDocument(element('Hangup'))).toBe('<?xml version="1.0" encoding="UTF-8"?><Hangup/>');
});
