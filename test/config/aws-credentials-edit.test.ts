import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heldAccessKeyId, withCredentials, withoutCredentials } from '../../config/aws-credentials-edit.ts';
import { parseIni } from '../../config/aws-ini.ts';
import { iniLines } from '../../config/ini-lines.ts';
import { BrokerError } from '../../src/core/errors.ts';

const keys = { accessKeyId: 'ASIANEW', secretAccessKey: 'new/secret=+', sessionToken: 'new-token', region: null };

const written = `aws_access_key_id = ASIANEW
aws_secret_access_key = new/secret=+
aws_session_token = new-token
`;

describe('writing a section', () => {
  it.each([
    ['begins a file that is not there', null, `[dev]\n${written}`],
    ['begins an empty file', '', `[dev]\n${written}`],
    ['is set off from what stands above', '[a]\nx = 1\n', `[a]\nx = 1\n\n[dev]\n${written}`],
    ['ends a last line that has no end', '[a]\nx = 1', `[a]\nx = 1\n\n[dev]\n${written}`],
    ['adds no second blank line', '[a]\nx = 1\n\n', `[a]\nx = 1\n\n[dev]\n${written}`],
    ['fills an empty section', '[dev]\n\n[b]\ny = 2\n', `[dev]\n${written}\n[b]\ny = 2\n`],
    ['fills an empty section at the very end', '[dev]', `[dev]\n${written}`],
    [
      'leaves comments, unknown keys and sections around it alone',
      '# mine\n[a]\nx = 1\n[dev] ; why\n# note\naws_access_key_id = OLD\nx_mine = 7\naws_secret_access_key=old\n# [b]\n[b]\ny = 2\n',
      '# mine\n[a]\nx = 1\n[dev] ; why\n# note\naws_access_key_id = ASIANEW\nx_mine = 7\naws_secret_access_key=new/secret=+\naws_session_token = new-token\n# [b]\n[b]\ny = 2\n',
    ],
    [
      'keeps the indent, without which the next key would continue ours',
      '[dev]\n  aws_access_key_id = OLD\n  output = json\n',
      '[dev]\n  aws_access_key_id = ASIANEW\n  aws_secret_access_key = new/secret=+\n  aws_session_token = new-token\n  output = json\n',
    ],
    [
      'takes the indent of keys that are not ours',
      '[dev]\n\toutput = json\n',
      `[dev]\n${written.replace(/^/gm, '\t').trimEnd()}\n\toutput = json\n`,
    ],
    ['writes names that every SDK reads', '[dev]\nAWS_Access_Key_ID: OLD\n', `[dev]\n${written.replace(' =', ':')}`],
    [
      'removes the old token that botocore would prefer',
      '[dev]\naws_security_token = OLD\noutput = json\n',
      `[dev]\n${written}output = json\n`,
    ],
    [
      'removes what continued an old value',
      '[dev]\naws_access_key_id =\n  # why\n  OLD\n  OLDER\noutput = json\n',
      `[dev]\naws_access_key_id =ASIANEW\naws_secret_access_key = new/secret=+\naws_session_token = new-token\n  # why\noutput = json\n`,
    ],
    [
      'leaves each key once where it stood twice',
      '[dev]\naws_access_key_id = 1\naws_access_key_id = 2\n[b]\ny = 2\n[dev]\naws_secret_access_key = 3\n',
      '[dev]\naws_access_key_id = ASIANEW\n[b]\ny = 2\n[dev]\naws_secret_access_key = new/secret=+\naws_session_token = new-token\n',
    ],
    [
      'never takes a key of an unreadable section for its own',
      '[dev\naws_access_key_id = x\n',
      `[dev\naws_access_key_id = x\n\n[dev]\n${written}`,
    ],
  ])('%s', (_, before, after) => {
    expect(withCredentials(before, 'dev', keys)).toBe(after);
  });

  it.each(['\n', '\r\n', '\r'])('keeps the line ends of the file (%j)', (end) => {
    const before = ['[a]', 'x = 1', '', '[dev]', 'aws_access_key_id = OLD', ''].join(end);
    const after = ['[a]', 'x = 1', '', '[dev]', ...written.split('\n')].join(end);
    expect(withCredentials(before, 'dev', keys)).toBe(after);
    expect(withCredentials(['[a]', 'x = 1', ''].join(end), 'dev', keys)).toBe(after);
  });

  it('writes a region where one is given, and else leaves it', () => {
    expect(withCredentials('[dev]\nregion = eu-west-1\n', 'dev', keys)).toContain('region = eu-west-1\n');
    const after = withCredentials('[dev]\nregion = eu-west-1\n', 'dev', { ...keys, region: 'us-east-1' });
    expect(parseIni(after, '').sections[0]?.keys.get('region')?.raw).toBe('us-east-1');
  });

  it('says the same twice without changing anything', () => {
    const once = withCredentials('[a]\nx = 1\n', 'dev', keys);
    expect(withCredentials(once, 'dev', keys)).toBe(once);
  });

  it.each(['', ' dev', 'dev ', 'a]b', 'a[b', 'a"b', "a'b", 'a\nb', 'a\u2028b', 'a\u202eb', 'a #b', 'a;b', 'a\\b'])(
    'refuses the name %j',
    (section) => {
      expect(() => withCredentials('', section, keys)).toThrow(/cannot name a section/);
    },
  );

  it.each(['DEFAULT', '__proto__', 'profile dev', 'sso-session dev', 'services dev'])(
    'refuses the name "%s", which some tool takes for something else',
    (section) => {
      expect(() => withCredentials('', section, keys)).toThrow(/Rename the profile$/);
    },
  );

  it.each(['a\nb', 'a\r', 'a\u0000', 'a b', 'a #b', '', 'é', '\u001b[2J', 'a\u2028b'])(
    'refuses a value such as %j, and does not repeat it',
    (value) => {
      for (const key of ['accessKeyId', 'secretAccessKey', 'sessionToken', 'region']) {
        const act = () => withCredentials('', 'dev', { ...keys, [key]: value });
        expect(act).toThrow('Upstream sent credentials for "dev" that no client could use');
      }
    },
  );
});

describe('clearing a section', () => {
  it.each([
    [
      'removes one that holds nothing else',
      `[a]\nx = 1\n\n[dev]\n${written}\n[b]\ny = 2\n`,
      '[a]\nx = 1\n\n[b]\ny = 2\n',
    ],
    ['removes the first one with the line below', `[dev]\n${written}\n[b]\ny = 2\n`, '[b]\ny = 2\n'],
    ['empties a file that holds nothing else', `[dev]\n${written}`, ''],
    ['keeps a key that is not ours', `[dev]\n${written}output = json\n`, '[dev]\noutput = json\n'],
    ['keeps a comment below the header', `[dev]\n# mine\n${written}`, '[dev]\n# mine\n'],
    ['keeps a comment about what follows', `[dev]\n${written}\n# other\n[b]\ny = 2\n`, '# other\n[b]\ny = 2\n'],
    ['removes both of two', `[dev]\n${written}\n[b]\ny = 2\n\n[dev]\n${written}`, '[b]\ny = 2\n'],
    ['leaves a file without it alone', '[a]\nx = 1\n', '[a]\nx = 1\n'],
  ])('%s', (_, before, after) => {
    expect(withoutCredentials(before, 'dev', null)).toBe(after);
  });

  it('takes the region along only where it is the one that was written', () => {
    const text = withCredentials('', 'dev', { ...keys, region: 'us-east-1' });
    expect(withoutCredentials(text, 'dev', 'us-east-1')).toBe('');
    expect(withoutCredentials(text, 'dev', 'eu-west-1')).toBe('[dev]\nregion = us-east-1\n');
    expect(withoutCredentials(text, 'dev', null)).toBe('[dev]\nregion = us-east-1\n');
  });
});

describe('what a section holds', () => {
  it.each([
    ['all three', `[dev]\n${written}`, 'ASIANEW'],
    ['the last of two', `[dev]\n${written}\n[dev]\naws_access_key_id = LAST\n`, 'LAST'],
    ['no token', `[dev]\n${written.replace(/aws_session.*\n/, '')}`, null],
    ['an empty secret', `[dev]\n${written.replace('new/secret=+', '')}`, null],
    ['nothing at all', '[other]\nx = 1\n', null],
  ])('with %s', (_, text, expected) => {
    expect(heldAccessKeyId(text, 'dev')).toBe(expected);
  });
});

describe('any file', () => {
  const usual = fc.constantFrom(
    '[dev]',
    '[a]',
    '[b] # x',
    'aws_access_key_id = X',
    'aws_session_token=Y',
    'aws_secret_access_key:',
    'aws_security_token = old',
    'region = z',
    'output = json # inline',
    's3 =',
    '  addressing_style = path',
    '\tmore',
    '# note',
    ' ; note',
    '',
    '  ',
  );
  const odd = fc.oneof(
    fc.constantFrom('[dev', '[]', '= x', 'junk', '[dev] ', '  [a]', '  [dev]', ' aws_access_key_id = Z', '\uFEFF[dev]'),
    fc.string({ maxLength: 12 }),
  );
  const fileOf = (line: fc.Arbitrary<string>) =>
    fc
      .tuple(fc.array(line, { maxLength: 25 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
      .map(([lines, end, ends]) => lines.join(end) + (ends ? end : ''));
  const file = fileOf(fc.oneof({ weight: 3, arbitrary: usual }, odd));

  it('is the sum of its lines', () => {
    fc.assert(
      fc.property(
        file,
        (text) =>
          iniLines(text)
            .map((one) => one.text + one.end)
            .join('') === text,
      ),
    );
  });

  it('is read in the same sections and keys as the settings are', () => {
    fc.assert(
      fc.property(file, (text) => {
        const read = parseIni(text, '').sections.flatMap((section) =>
          [...section.keys].map(([key, value]) => `${value.line} ${section.header} ${key}`),
        );
        const lines = iniLines(text).map((one, at) => `${at + 1} ${one.section} ${one.key} ${one.kind}`);
        expect(read.filter((key) => !lines.includes(`${key} key`))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  const others = (text: string) =>
    parseIni(text, '')
      .sections.flatMap(({ header, keys: found }) => [...found].map(([key, { raw }]) => `${header} ${key} ${raw}`))
      .filter((one) => !/^dev aws_/.test(one));
  const comments = (text: string) => text.split(/\r\n|\r|\n/).filter((one) => /^\s*[#;]/.test(one));

  const checkedOutAndIn = (text: string): void => {
    const out = withCredentials(text, 'dev', keys);
    expect(heldAccessKeyId(out, 'dev')).toBe('ASIANEW');
    const back = withoutCredentials(out, 'dev', null);
    expect(heldAccessKeyId(back, 'dev')).toBeNull();
    for (const one of [out, back]) {
      expect(others(one)).toEqual(others(text));
      expect(comments(one)).toEqual(comments(text));
    }
  };

  it('loses nothing by a checkout and a check-in', () => {
    fc.assert(fc.property(fileOf(usual), checkedOutAndIn), { numRuns: 2000 });
  });

  it('is refused rather than spoilt where it is too odd', () => {
    const act = (text: string): void => {
      try {
        checkedOutAndIn(text);
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        expect(error.message).toBe('The section "dev" cannot be edited safely. Run: credbroker config check');
      }
    };
    fc.assert(fc.property(file, act), { numRuns: 2000 });
    expect(() => checkedOutAndIn('[a]\nx = 1\n[dev]\n  [b]\n')).toThrow('cannot be edited safely');
  });
});
