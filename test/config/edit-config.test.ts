import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { withEntries } from '../../config/edit-config.ts';

const britive = { provider: 'britive', tenant: 'acme' };
const dev = { session: 'acme', profile: 'App/Env/Profile' };

const sessions = new Map([['acme', britive]]);
const profiles = new Map([['dev', dev]]);
const none = new Map<string, never>();

const both = `sessions:
  acme: { provider: britive, tenant: acme }

profiles:
  dev: { session: acme, profile: App/Env/Profile }
`;

describe('an edit of config.yaml', () => {
  it.each([
    ['is not there', null, both],
    ['is empty', '', both],
    ['holds a comment alone', '# mine', `# mine\n${both}`],
    ['begins with a document and nothing in it', '---\n', `---\n${both}`],
    ['has other keys', 'login: manual\n', `login: manual\n\n${both}`],
    ['ends with a blank line', 'login: manual\n\n', `login: manual\n\n${both}`],
    ['lacks its last line break', 'login: manual', `login: manual\n\n${both}`],
    [
      'names the sections and says nothing in them',
      'sessions: # one day\nprofiles:\n',
      both.replace('sessions:', 'sessions: # one day').replace('\n\n', '\n'),
    ],
  ])('makes the sections where the file %s', (_, before, after) => {
    expect(withEntries(before, { sessions, profiles })).toBe(after);
  });

  it('adds behind what is there and leaves every other byte', () => {
    const before = `# yaml-language-server: $schema=./schema.json
listen: {  port: 9 }      # as agreed


profiles:   # by team
    "ops": { session: work,   accountId: "000000000001" }   # hello
    data:
        session: work   # a word

    # the end of the profiles

refresh:
      soft: 5m
unknown: [ 1,2 ,3 ]
sessions:
    work:   {provider: aws-sso,   ssoSession: work}
# the end`;
    const after = before
      .replace('# a word\n', '# a word\n    dev: { session: acme, profile: App/Env/Profile }\n')
      .replace('ssoSession: work}\n', 'ssoSession: work}\n    acme: { provider: britive, tenant: acme }\n');
    expect(withEntries(before, { sessions, profiles })).toBe(after);
  });

  it('ends its lines as the file does', () => {
    const before = 'sessions:\r\n  a: { provider: britive, tenant: a }\r\n';
    expect(withEntries(before, { sessions, profiles: none })).toBe(
      `${before}  acme: { provider: britive, tenant: acme }\r\n`,
    );
  });

  it.each([
    ['a section', 'profiles: { a: { session: x, profile: a/b/c } } # mine\n'],
    ['a section of nothing', 'profiles: {} # mine\n'],
    ['everything', '{ login: manual, profiles: { a: { session: x, profile: a/b/c } } } # mine\n'],
    ['nothing but an end', 'login: manual # mine\n...\n'],
    ['a null', 'profiles: ~ # mine\n'],
    ['a block of text', 'profiles:\n  a:\n    session: x # mine\n    profile: |\n      a/b/c\n\n'],
    ['an anchor', 'profiles: &all\n  a: &a { session: x, profile: a/b/c } # mine\n  b: *a\n'],
  ])('keeps what the file says where it has %s', (_, before) => {
    const after = withEntries(before, { sessions, profiles });
    const was = parse(before);
    expect(parse(after)).toEqual({ ...was, sessions: { acme: britive }, profiles: { ...was.profiles, dev } });
    expect(after).toContain('# mine');
  });

  it.each(['profiles: word\n', 'profiles: [a]\n', 'base: &b { a: 1 }\nprofiles: *b\n', '- a\n'])(
    'refuses %j, which it could not add to',
    (before) => {
      expect(() => withEntries(before, { sessions, profiles })).toThrow('has a shape that nothing can be added to');
    },
  );

  it('refuses a name that is there already', () => {
    expect(() => withEntries(both, { sessions, profiles: none })).toThrow('config.yaml has "acme" already. Try again');
  });

  it.each([
    '123',
    'null',
    'true',
    '~',
    '__proto__',
    'a: b',
    '# c',
    'é 名 🚀',
    '"',
    "'",
    '- x',
    '{',
    '*a',
    '&a',
    'a\nb',
    ' ',
  ])('writes the name and the path %j so that they are read back', (word) => {
    const entry = { session: word, profile: `${word}\\/x/y, z/w` };
    const text = withEntries('profiles:\n  a: {}\n', { sessions: none, profiles: new Map([[word, entry]]) });
    const read: unknown = parse(text, { mapAsMap: true }).get('profiles').get(word);
    expect(read).toEqual(new Map(Object.entries(entry)));
  });
});
