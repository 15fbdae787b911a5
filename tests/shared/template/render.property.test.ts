import fc from 'fast-check';
import { renderText } from '@dograh-trigger/shared';
import { scanTemplate, type TemplatePlace } from '../../../shared/src/template/scanner';

/** Dograh's grammar as its regular expression. It backtracks, so it is the oracle for short texts only. */
const grammar = /\{\{\s*([^|\s}]+)(?:\s*\|\s*([^:}]+)(?::([^}]+))?)?\s*\}\}/g;

function scanByGrammar(template: string): TemplatePlace[] {
  return [...template.matchAll(grammar)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    path: match[1] ?? '',
    filter: match[2]?.trim() ?? null,
    argument: match[3]?.trim() ?? null,
  }));
}

const piece = fc.constantFrom(
  '{',
  '}',
  '{{',
  '}}',
  '|',
  ':',
  ' ',
  '\n',
  '\t',
  '\u00a0',
  'a',
  'b',
  '.',
  'é',
  '😀',
  'fallback',
);
const hostileText = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
/** Texts that are usually a placeholder, so that the parts of placeholders are tested, too. */
const nearlyPlace = fc.tuple(hostileText, hostileText, hostileText).map(([a, b, c]) => `{{a${a}|${b}:${c}}}`);

const runs = { numRuns: 5000 };

test('the scanner finds exactly what the grammar matches', () => {
  fc.assert(
    fc.property(fc.oneof(hostileText, nearlyPlace), (template) => {
      expect(scanTemplate(template)).toEqual(scanByGrammar(template));
    }),
    runs,
  );
});

test('with missing values a rendered text keeps the text between placeholders and nothing of the placeholders', () => {
  const now = new Date(0);
  fc.assert(
    fc.property(hostileText, (template) => {
      const withoutFilters = template.replaceAll('|', '');
      expect(renderText(withoutFilters, {}, { now })).toBe(withoutFilters.replace(grammar, ''));
    }),
    runs,
  );
});
