import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IniFile, parseIni } from '../../config/aws-ini.ts';

const complaints = (text: string): readonly string[] =>
  parseIni(text, '/config').diagnostics.map(
    ({ line, key, severity, message }) => `${line} ${severity} ${key}: ${message}`,
  );

const value = (text: string, key: string): string | undefined =>
  parseIni(text, '/config').sections[0]?.keys.get(key)?.value;

describe('what is read', () => {
  it.each([
    ['upper-case keys in lower case (case 6)', '[profile a]\nSSO_Region = eu-west-1', 'sso_region', 'eu-west-1'],
    ['a value with its quotes', '[profile a]\nregion = "eu-west-1"', 'region', '"eu-west-1"'],
    ['percent signs as they stand', '[profile a]\nx = 100%(y)s %d', 'x', '100%(y)s %d'],
    [
      'a start URL that ends in "#"',
      '[profile a]\nx = https://a.awsapps.com/start/#',
      'x',
      'https://a.awsapps.com/start/#',
    ],
    ['a continued command (case 7)', '[profile a]\nx = /opt/tool\n    --account 1', 'x', '/opt/tool\n--account 1'],
    ['keys that are indented alike', '[profile a]\n  x = 1\n  y = 2', 'y', '2'],
    ['a file of old line ends', '[profile a]\rx = 1\r', 'x', '1'],
    ['comments between continuations', '[profile a]\nx = 1\n  # why\n  2', 'x', '1\n2'],
  ])('reads %s', (_, text, key, expected) => {
    expect(value(text, key)).toBe(expected);
    expect(complaints(text)).toEqual([]);
  });

  it('keeps a value with its inline comment beside the one without', () => {
    expect(parseIni('[profile a]\nx = 1 # one\n', '/c').sections[0]?.keys.get('x')).toMatchObject({
      value: '1',
      raw: '1 # one',
      line: 2,
    });
  });

  it('reads what is indented below an empty value as a map with lines', () => {
    const text = '[services fake]\nsso =\n  # here\n  endpoint_url = http://127.0.0.1:1/a=b\n\n  Other = 2\n';
    expect([...(parseIni(text, '/c').sections[0]?.keys.get('sso')?.nested ?? [])]).toEqual([
      ['endpoint_url', { value: 'http://127.0.0.1:1/a=b', raw: 'http://127.0.0.1:1/a=b', line: 4 }],
      ['other', { value: '2', raw: '2', line: 6 }],
    ]);
  });

  it('gives the keys below an unreadable header to nobody', () => {
    const { sections } = parseIni('[profile a]\nx = 1\n[profile b\nx = 2\n', '/c');
    expect(sections.map(({ header, keys }) => [header, keys.get('x')?.value])).toEqual([['profile a', '1']]);
  });
});

describe('complaints', () => {
  it('names both lines of a section or key that stands twice (case 3)', () => {
    expect(complaints('[profile a]\nx = 1\nx = 2\n[profile b]\n[profile a]\nx = 3\n')).toEqual([
      '3 warning x: The AWS CLI will reject this file because "x" stands here and on line 2; keep one',
      '5 warning profile a: The AWS CLI will reject this file because "[profile a]" stands here and on line 1; merge the two',
    ]);
  });

  it('reads a file with a byte order mark and says that the CLI does not (case 4)', () => {
    expect(value('\uFEFF[profile a]\nx = 1\n', 'x')).toBe('1');
    expect(complaints('\uFEFF[profile a]\n')).toEqual([
      '1 warning : The AWS CLI will reject this file for its byte order mark; save it as UTF-8 without one',
    ]);
  });

  it('says what each unreadable line lacks and never repeats it', () => {
    const line = 'The AWS CLI will reject this file for this line; write it as key = value, or put "#" before it';
    expect(complaints('x = 1\n[profile a]\nwJalrSECRET\n= 2\ns3 =\n  wJalrSECRET\n[profile b\n')).toEqual([
      '1 error : The line stands before the first section; write a header such as [default] above it',
      `3 error profile a: ${line}`,
      `4 error profile a: ${line}`,
      `6 error profile a: ${line}`,
      '7 error : The section header has no closing "]", so its keys are ignored; add the bracket',
    ]);
  });
});

/** Every line the parser claims to have read a thing from. */
const claims = ({ sections, diagnostics }: IniFile): readonly { line: number; says: string }[] => [
  ...diagnostics.map(({ line }) => ({ line, says: '' })),
  ...sections.map(({ line, header }) => ({ line, says: header })),
  ...sections.flatMap(({ keys }) => [...keys].map(([key, { line }]) => ({ line, says: key }))),
  ...sections.flatMap(({ keys }) =>
    [...keys.values()].flatMap(({ nested }) => [...(nested ?? [])].map(([key, { line }]) => ({ line, says: key }))),
  ),
];

describe('any text at all', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '=',
    ':',
    '#',
    ';',
    ' ',
    '\t',
    '"',
    "'",
    '\\',
    '\uFEFF',
    'profile ',
    'a',
    'B',
    '__proto__',
  );
  const line = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
  );
  const text = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')))
    .map((lines) => lines.map((parts) => parts.join('')).join(''));

  it('never makes the parser throw, and each thing read stands on its line', () => {
    fc.assert(
      fc.property(text, (content) => {
        const lines = content.split(/\r\n|\n|\r/);
        for (const claim of claims(parseIni(content, '/c'))) {
          expect(lines[claim.line - 1]?.toLowerCase()).toContain(claim.says.toLowerCase());
        }
      }),
      { numRuns: 500 },
    );
  });

  it('reads back what is written, whatever the order and the blanks', () => {
    const name = fc.stringMatching(/^[a-z_]{1,8}$/);
    const plainValue = fc.stringMatching(/^[A-Za-z0-9:/.=#-]{0,12}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, plainValue, fc.nat({ max: 3 }))), (entries) => {
        const written = ['[profile a]'];
        const expected = new Map<string, [string, number]>();
        for (const [key, text, blanks] of entries) {
          written.push(...Array.from({ length: blanks }, () => ' '), `${key} = ${text}`);
          expected.set(key, [text.startsWith('#') ? '' : text, written.length]);
        }
        const [section] = parseIni(written.join('\n'), '/c').sections;
        expect(new Map([...(section?.keys ?? [])].map(([key, { value, line }]) => [key, [value, line]]))).toEqual(
          expected,
        );
      }),
    );
  });
});
