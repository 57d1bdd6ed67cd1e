import { describe, expect, it } from 'vitest';
import { type AwsConfig, type AwsFileText, parseAwsConfig } from '../../config/aws-sections.ts';
import { hasVectors, unlessMissing, vectors } from './vectors.ts';

const config = (text: string): AwsFileText => ({ kind: 'config', file: '/config', text });
const credentials = (text: string): AwsFileText => ({ kind: 'credentials', file: '/credentials', text });

const plain = (sections: AwsConfig['profiles']): Record<string, Record<string, string>> =>
  Object.fromEntries(
    [...sections].map(([name, { keys }]) => [
      name,
      Object.fromEntries([...keys].map(([key, { value }]) => [key, value])),
    ]),
  );

const complaints = (...files: AwsFileText[]): readonly string[] =>
  parseAwsConfig(files).diagnostics.map(
    ({ file, line, severity, message }) => `${file}:${line} ${severity}: ${message}`,
  );

type Profiles = Record<string, Record<string, string>>;

interface ParserVector {
  readonly name: string;
  readonly input: { readonly configFile?: string; readonly credentialsFile?: string };
  readonly output: {
    readonly config?: { readonly profiles: Profiles; readonly sso_sessions?: Profiles };
    readonly errorContaining?: string;
  };
}

/** Where we read more than the vector does, because some AWS tool reads it. The value is what we make of it. */
const differences: Readonly<Record<string, { readonly reason: string; readonly profiles: Profiles }>> = {
  'Profile names support alphanumeric characters and - / . % @ _ : +': {
    reason: 'botocore takes any name without spaces',
    profiles: { 'some-thing:long/the_one%only.foo@bar+': {}, 'foo!bar': {} },
  },
  'Property definitions must contain an equals sign.': {
    reason: 'botocore takes a colon for an equals sign',
    profiles: { foo: { key: 'value' } },
  },
  'Invalid profile names are ignored.': {
    reason: 'a section of the credentials file is named as it stands, which the AWS CLI writes for names with spaces',
    profiles: { 'in valid 2': { name2: 'value2' } },
  },
  'Invalid property names are ignored.': {
    reason: 'botocore takes any key, and one that nobody asks for does no harm',
    profiles: { foo: { 'in valid': 'value' } },
  },
};

const { tests } = vectors<{ tests: readonly ParserVector[] }>('profile-parser-tests.json', { tests: [] });

describe.skipIf(!hasVectors)(`the cross-SDK parser vectors${unlessMissing}`, () => {
  it('has every deliberate difference among the vectors', () => {
    expect(tests.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(differences)));
    expect(tests.length).toBeGreaterThanOrEqual(65);
  });

  it.each(tests)('case 1: $name', ({ name, input, output }) => {
    const files = [config(input.configFile ?? ''), credentials(input.credentialsFile ?? '')];
    const parsed = parseAwsConfig(files);
    const difference = differences[name];
    if (difference !== undefined) return expect(plain(parsed.profiles), difference.reason).toEqual(difference.profiles);
    const errors = parsed.diagnostics.filter(({ severity }) => severity === 'error');
    if (output.errorContaining !== undefined) return expect(errors).not.toEqual([]);
    expect(errors).toEqual([]);
    expect(plain(parsed.profiles)).toEqual(output.config?.profiles);
    expect(plain(parsed.ssoSessions)).toEqual(output.config?.sso_sessions ?? {});
  });
});

describe('section names', () => {
  it.each([
    ['[profile "my dev"]', 'my dev'],
    ["[profile 'my dev']", 'my dev'],
    ['[profile "Zürich – Büro"]', 'Zürich – Büro'],
    ['[profile "a]b"]', 'a]b'],
    ['[profile my\\ dev]', 'my dev'],
    ['[profile __proto__]', '__proto__'],
    ['[profile constructor]', 'constructor'],
    ['[ profile   dev ]', 'dev'],
  ])('reads the name in %s (cases 2 and 12)', (header, name) => {
    const { profiles, diagnostics } = parseAwsConfig([config(`${header}\nregion = eu-west-1\n`)]);
    expect([...profiles.keys()]).toEqual([name]);
    expect(profiles.get(name)?.keys.get('region')?.value).toBe('eu-west-1');
    expect(diagnostics).toEqual([]);
  });

  it('says of every section that does not count how to write it', () => {
    const text = "[dev]\n[profile my dev]\n[profile bob's]\n[DEFAULT]\n[sso-sesion x]\n[preview]\n[plugins]\n";
    expect(complaints(config(text))).toEqual([
      '/config:1 warning: "[dev]" is ignored; a profile is written [profile name], a session [sso-session name]',
      '/config:2 warning: "[profile my dev]" is ignored; write a name with spaces in quotes, as in [profile "my dev"]',
      '/config:3 warning: "[profile bob\'s]" is ignored; a profile is written [profile name], a session [sso-session name]',
      '/config:4 warning: "[DEFAULT]" is ignored, but the AWS CLI copies its keys into every section; write "[default]"',
      '/config:5 warning: "[sso-sesion x]" is ignored; a profile is written [profile name], a session [sso-session name]',
    ]);
    expect(complaints(credentials('[profile dev]\n[sso-session x]\n'))).toEqual([
      '/credentials:1 warning: "[profile dev]" is ignored; in this file a profile is written [dev]',
      '/credentials:2 warning: "[sso-session x]" is ignored; it belongs in the config file',
    ]);
  });

  it('takes "[profile default]" for the default and says that "[default]" is passed over', () => {
    const files = [config('[default]\na = 1\n[profile default]\nb = 2\n')];
    expect(plain(parseAwsConfig(files).profiles)).toEqual({ default: { b: '2' } });
    expect(complaints(...files)).toEqual([
      '/config:1 warning: "[default]" is ignored because "[profile default]" stands here too, but the AWS CLI takes the last of the two; keep one',
    ]);
  });
});

describe('merging', () => {
  it('lets the credentials file win and remembers where each key stands', () => {
    const { profiles } = parseAwsConfig([config('\n[profile dev]\na = 1\nb = 1\n'), credentials('[dev]\nb = 2\n')]);
    const dev = profiles.get('dev');
    expect(plain(profiles)).toEqual({ dev: { a: '1', b: '2' } });
    expect(dev).toMatchObject({ file: '/config', line: 2 });
    expect(dev?.keys.get('b')).toMatchObject({ file: '/credentials', line: 2, source: 'credentials' });
  });
});
