import { describe, expect, it } from 'vitest';
import { ConfigError, formatDiagnostic } from '../../config/diagnostics.ts';
import { loadSettings } from '../../config/load.ts';
import type { Settings } from '../../src/core/settings.ts';
import { awsConfig, configYaml, loading } from './memory-files.ts';

type Env = Readonly<Record<string, string>>;

const aws = `[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
[profile dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Dev
`;
const keys = 'aws_access_key_id = AKIA\naws_secret_access_key = s\n';
const arn = 'arn:aws:iam::123456789012:role/Deploy';
const acme = 'sessions: { acme: { provider: britive, tenant: acme } }\n';

const load = (yaml: string, more = '', env: Env = {}): Promise<Settings> =>
  loadSettings(loading({ [configYaml]: yaml, [awsConfig]: aws + more }, env));

const profile = (keysOf: string): string => `profiles:\n  x: { ${keysOf} }\n`;

const short = (text: string): string => text.replace(configYaml, '').replaceAll(awsConfig, 'aws');

const complaints = (yaml: string, more = '', env: Env = {}): Promise<readonly string[]> =>
  load(yaml, more, env).then(
    () => [],
    (thrown: unknown) => {
      if (!(thrown instanceof ConfigError)) throw thrown;
      return thrown.diagnostics.map((diagnostic) => short(formatDiagnostic(diagnostic)));
    },
  );

describe('a role in config.yaml', () => {
  it('has all that a role can be asked for with', async () => {
    const { profiles, diagnostics } = await load(`profiles:
  deploy:
    sourceProfile: dev
    roleArn: ${arn}
    externalId: x-1
    mfaSerial: arn:aws:iam::123456789012:mfa/me
    duration: 1h
    sessionName: me@laptop
    sourceIdentity: me
    tags: { team: blue, "cost center": "12" }
    region: us-west-2
    description: Releases
`);
    expect(profiles.get('deploy')).toEqual({
      kind: 'role',
      name: 'deploy',
      source: 'dev',
      roleArn: arn,
      externalId: 'x-1',
      mfaSerial: 'arn:aws:iam::123456789012:mfa/me',
      durationMs: 3_600_000,
      sessionName: 'me@laptop',
      sourceIdentity: 'me',
      tags: { team: 'blue', 'cost center': '12' },
      region: 'us-west-2',
      stsEndpoint: null,
      description: 'Releases',
      origin: { file: configYaml, line: 2 },
    });
    expect(diagnostics).toEqual([]);
  });

  it('needs no more than its source and its ARN', async () => {
    expect((await load(profile(`sourceProfile: dev, roleArn: "${arn}"`))).profiles.get('x')).toMatchObject({
      ...{ externalId: null, mfaSerial: null, durationMs: null, sessionName: null, sourceIdentity: null, tags: {} },
      // Of Identity Center, where the chain begins.
      region: 'eu-west-1',
    });
  });

  it('is asked for where the environment says', async () => {
    const env = { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9000', AWS_REGION: 'us-east-2' };
    const { profiles } = await load(
      `profiles:\n  x: { sourceProfile: tool, roleArn: "${arn}" }\n  tool: { process: /opt/tool }\n  w: { webIdentityTokenFile: /t, roleArn: "${arn}" }\n`,
      '',
      env,
    );
    const place = { stsEndpoint: 'http://127.0.0.1:9000', region: 'us-east-2' };
    expect(profiles.get('x')).toMatchObject({ kind: 'role', ...place });
    expect(profiles.get('w')).toMatchObject({ kind: 'web-identity', ...place });
    expect(profiles.get('tool')).toMatchObject({ region: null });
  });
});

describe('other profiles in config.yaml', () => {
  it('exchange the token of a file for a role', async () => {
    const yaml = profile(`webIdentityTokenFile: /var/run/token, roleArn: "${arn}", sessionName: ci, duration: 15m`);
    expect((await load(yaml)).profiles.get('x')).toEqual({
      kind: 'web-identity',
      name: 'x',
      tokenFile: '/var/run/token',
      roleArn: arn,
      sessionName: 'ci',
      durationMs: 900_000,
      region: null,
      stsEndpoint: null,
      description: null,
      origin: { file: configYaml, line: 2 },
    });
  });

  it('run a helper', async () => {
    const yaml = profile('process: "/opt/tools/helper --account 1", region: eu-west-3');
    expect((await load(yaml)).profiles.get('x')).toEqual({
      kind: 'process',
      name: 'x',
      command: '/opt/tools/helper --account 1',
      region: 'eu-west-3',
      description: null,
      origin: { file: configYaml, line: 2 },
    });
  });
});

describe('a chain of both files', () => {
  it('has a Britive profile as its source', async () => {
    const yaml = `${acme}profiles:
  blue: { session: acme, profile: A/B/C, region: eu-north-1 }
  x: { sourceProfile: blue, roleArn: "${arn}" }
`;
    const { profiles } = await load(yaml);
    expect(profiles.get('x')).toMatchObject({ kind: 'role', source: 'blue', region: 'eu-north-1' });
  });

  it('leads from ~/.aws/config to config.yaml', async () => {
    const yaml = `${acme}profiles: { blue: { session: acme, profile: A/B/C } }\n`;
    const settings = await load(yaml, `[profile a]\nrole_arn = ${arn}\nsource_profile = blue\n`);
    expect(settings.profiles.get('a')).toMatchObject({ kind: 'role', source: 'blue' });
    expect(settings.diagnostics).toEqual([]);
  });

  it('leads there and back', async () => {
    const settings = await load(
      profile(`sourceProfile: b, roleArn: "${arn}"`),
      `[profile a]\nrole_arn = r\nsource_profile = x\n[profile b]\nrole_arn = r\nsource_profile = dev\n`,
    );
    expect(['a', 'x', 'b'].map((name) => settings.profiles.get(name))).toMatchObject([
      { kind: 'role', source: 'x', region: 'eu-west-1' },
      { kind: 'role', source: 'b', region: 'eu-west-1' },
      { kind: 'role', source: 'dev', region: 'eu-west-1' },
    ]);
    expect(settings.diagnostics).toEqual([]);
  });

  it('takes the profile of config.yaml where a name stands in both', async () => {
    const yaml = `${acme}profiles: { b: { session: acme, profile: A/B/C } }\n`;
    const settings = await load(yaml, `[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\n${keys}`);
    expect(settings.profiles.get('a')).toMatchObject({ kind: 'role', source: 'b' });
    expect(settings.profiles.get('b')).toMatchObject({ kind: 'britive' });
    expect(settings.diagnostics).toEqual([]);
  });

  it('takes the region of a session that has another name here', async () => {
    const yaml = `sessions: { work: { provider: aws-sso, ssoSession: corp } }\nprofiles:\n  own: { session: work, accountId: "123456789012", roleName: R }\n  x: { sourceProfile: own, roleArn: "${arn}" }\n  y: { sourceProfile: dev, roleArn: "${arn}" }\n`;
    const { profiles } = await load(yaml);
    expect(profiles.get('x')).toMatchObject({ region: 'eu-west-1' });
    expect(profiles.get('y')).toMatchObject({ region: 'eu-west-1' });
    expect(profiles.get('dev')).toMatchObject({ session: 'work' });
  });

  it('keeps the region of the section that asks credbroker for a profile of config.yaml', async () => {
    const yaml = `${acme}profiles: { blue: { session: acme, profile: A/B/C, region: eu-north-1 } }\n`;
    const asks = 'credential_process = credbroker credential-process blue\n';
    const { profiles } = await load(yaml, `[profile p]\n${asks}region = us-west-1\n[profile q]\n${asks}`);
    expect(profiles.get('p')).toMatchObject({ kind: 'britive', name: 'p', access: 'C', region: 'us-west-1' });
    expect(profiles.get('q')).toMatchObject({ kind: 'britive', name: 'q', region: 'eu-north-1' });
  });

  it('knows a profile of config.yaml under the name that asks credbroker for it', async () => {
    const { profiles } = await load(
      profile(`sourceProfile: dev, roleArn: "${arn}", description: ours`),
      '[profile p]\ncredential_process = credbroker credential-process x\n',
    );
    expect(profiles.get('p')).toMatchObject({ kind: 'role', name: 'p', source: 'dev', origin: { file: awsConfig } });
  });

  it('begins with nothing that is served, and says so in both places', async () => {
    const settings = await load(
      profile(`sourceProfile: b, roleArn: "${arn}", region: us-east-1, description: ours`),
      `[profile b]\n${keys}`,
    );
    const problem = 'Profile "x" builds on "b", which holds static access keys; use the AWS tools directly';
    expect(settings.profiles.get('x')).toEqual({
      ...{ kind: 'unserved', name: 'x', problem, yields: false, region: 'us-east-1', description: 'ours' },
      origin: { file: configYaml, line: 2 },
    });
    expect(settings.diagnostics.map(formatDiagnostic).map(short)).toEqual([`:2 profiles.x: ${problem}`]);
    expect(settings.diagnostics.map(({ severity }) => severity)).toEqual(['warning']);
  });

  it('is not served where ~/.aws/config is at fault, which does not spoil the rest', async () => {
    const settings = await load(
      profile(`sourceProfile: b, roleArn: "${arn}"`),
      '[profile b]\nrole_arn = r\nsource_profile = gone\n',
    );
    const problem = 'Profile "b" has source_profile "gone", which does not exist. Run: credbroker config check';
    expect(settings.profiles.get('x')).toMatchObject({ kind: 'unserved', problem });
    expect(settings.profiles.get('dev')?.kind).toBe('sso');
    expect(settings.diagnostics.map(formatDiagnostic).map(short)).toEqual([
      'aws:10 b: Profile "b" has source_profile "gone", which does not exist; add it or correct the name',
      `:2 profiles.x: Profile "x" builds on what cannot be used; mend aws:10`,
    ]);
  });

  it('says that a role of ~/.aws/config is replaced, now that it would be served', async () => {
    const settings = await load(
      profile(`sourceProfile: dev, roleArn: "${arn}"`),
      '[profile x]\nrole_arn = r\nsource_profile = dev\n',
    );
    expect(settings.diagnostics.map(formatDiagnostic).map(short)).toEqual([
      ':2 profiles.x: It replaces the profile of the same name in aws:8; rename one of the two',
    ]);
  });

  it('says nothing of a section that asks for the profile of its own name, as the setup writes it', async () => {
    const settings = await load(
      profile(`sourceProfile: dev, roleArn: "${arn}"`),
      '[profile x]\ncredential_process = credbroker credential-process x\n',
    );
    expect(settings.profiles.get('x')).toMatchObject({ kind: 'role', source: 'dev' });
    expect(settings.diagnostics).toEqual([]);
  });
});

describe('a loop', () => {
  const x = (source: string): string => profile(`sourceProfile: ${source}, roleArn: "${arn}"`);
  const a = (source: string): string => `[profile a]\nrole_arn = r\nsource_profile = ${source}\n`;
  it.each([
    ['of one', x('x'), '', [':2 profiles.x.sourceProfile: Profile "x" goes in a loop, x -> x; change sourceProfile']],
    [
      'of two in config.yaml',
      `profiles:\n  x:\n    roleArn: ${arn}\n    sourceProfile: y\n  y: { sourceProfile: x, roleArn: "${arn}" }\n`,
      '',
      [
        ':5 profiles.y.sourceProfile: Profile "x" goes in a loop, x -> y -> x; change sourceProfile',
        ':4 profiles.x.sourceProfile: Profile "y" goes in a loop, y -> x -> y; change sourceProfile',
      ],
    ],
    [
      'through both files',
      x('a'),
      a('x'),
      [':2 profiles.x.sourceProfile: Profile "a" goes in a loop, a -> x -> a; change sourceProfile'],
    ],
    [
      'through both files by a longer way',
      x('b'),
      `${a('x')}[profile b]\nrole_arn = r\nsource_profile = a\n`,
      [':2 profiles.x.sourceProfile: Profile "b" goes in a loop, b -> a -> x -> b; change sourceProfile'],
    ],
    [
      'by way of a command that asks credbroker',
      x('a'),
      '[profile a]\ncredential_process = credbroker credential-process x\n',
      [':2 profiles.x.sourceProfile: Profile "a" goes in a loop, a -> x -> a; change sourceProfile'],
    ],
  ])('%s is refused with its path', async (_, yaml, more, expected) => {
    expect(await complaints(yaml, more)).toEqual(expected);
  });

  it('in ~/.aws/config alone leaves config.yaml in force', async () => {
    const settings = await load(x('a'), a('a'));
    expect(settings.profiles.get('x')).toMatchObject({ kind: 'unserved' });
    expect(settings.diagnostics.map(formatDiagnostic).map(short)[0]).toBe(
      'aws:10 a: Profile "a" goes in a loop, a -> a; change source_profile',
    );
  });
});

describe('a complaint about a profile of config.yaml', () => {
  const rest = `roleArn: "${arn}"`;
  const kinds = 'one of "session", "sourceProfile", "webIdentityTokenFile" and "process"';
  it.each([
    ['no kind', 'region: us-east-1', `:2 profiles.x: It takes ${kinds}`],
    ['two kinds', `sourceProfile: dev, process: /t, ${rest}`, `:2 profiles.x: It takes ${kinds}`],
    [
      'a source that is not there',
      `sourceProfile: deb, ${rest}`,
      ':2 profiles.x.sourceProfile: Profile "x" has sourceProfile "deb", which does not exist, did you mean "dev"; add it or correct the name',
    ],
    [
      'a source that is nowhere near',
      `sourceProfile: nobody, ${rest}`,
      ':2 profiles.x.sourceProfile: Profile "x" has sourceProfile "nobody", which does not exist; add it or correct the name',
    ],
    [
      'a role without its ARN',
      'sourceProfile: dev',
      ':2 profiles.x: The key "roleArn" is missing; it takes the ARN of a role',
    ],
    [
      'a token without a role',
      'webIdentityTokenFile: /t',
      ':2 profiles.x: The key "roleArn" is missing; it takes the ARN of a role',
    ],
    [
      'a role that is none',
      'sourceProfile: dev, roleArn: Deploy',
      ':2 profiles.x.roleArn: It takes the ARN of a role, such as arn:aws:iam::123456789012:role/Deploy',
    ],
    [
      'a token by half a path',
      `webIdentityTokenFile: token, ${rest}`,
      ':2 profiles.x.webIdentityTokenFile: It takes the full path of a file with an identity token',
    ],
    ['too short a time', `sourceProfile: dev, duration: 14m, ${rest}`, ':2 profiles.x.duration: It takes 15m to 12h'],
    ['too long a time', `sourceProfile: dev, duration: 12.1h, ${rest}`, ':2 profiles.x.duration: It takes 15m to 12h'],
    [
      'no time at all',
      `sourceProfile: dev, duration: long, ${rest}`,
      ':2 profiles.x.duration: It takes milliseconds as a number, or a duration such as "30s", "5m" or "1h"',
    ],
    [
      'a name with a space',
      `sourceProfile: dev, sessionName: "a b", ${rest}`,
      ':2 profiles.x.sessionName: It takes 2 to 64 letters, digits and +=,.@-_',
    ],
    [
      'an identity of one letter',
      `sourceProfile: dev, sourceIdentity: a, ${rest}`,
      ':2 profiles.x.sourceIdentity: It takes 2 to 64 letters, digits and +=,.@-_',
    ],
    [
      'an external id of one letter',
      `sourceProfile: dev, externalId: a, ${rest}`,
      ':2 profiles.x.externalId: It takes 2 to 1224 letters, digits and +=,.@:/-_',
    ],
    [
      'a device that is none',
      `sourceProfile: dev, mfaSerial: phone, ${rest}`,
      ':2 profiles.x.mfaSerial: It takes the serial number or the ARN of an MFA device',
    ],
    [
      'a tag that is no text',
      `sourceProfile: dev, tags: { cost: 12 }, ${rest}`,
      ':2 profiles.x.tags.cost: It takes a text of at most 256 letters',
    ],
    [
      'a key of another kind',
      `process: /t, duration: 1h`,
      ':2 profiles.x.duration: It does not go with "process", which takes region, description beside it',
    ],
    [
      'a role on a session',
      `session: corp, accountId: "123456789012", roleName: R, ${rest}`,
      ':2 profiles.x.roleArn: It does not go with "session", which takes accountId, roleName, profile, region, description beside it',
    ],
    [
      'a key of a source on a token',
      `webIdentityTokenFile: /t, mfaSerial: arn:aws:iam::1:mfa/me, ${rest}`,
      ':2 profiles.x.mfaSerial: It does not go with "webIdentityTokenFile", which takes roleArn, sessionName, duration, region, description beside it',
    ],
    [
      'a helper that is ourselves',
      'process: "credbroker credential-process dev"',
      ':2 profiles.x.process: It asks credbroker for "dev" and would wait for itself; use "dev" in its place',
    ],
  ])('names file, line and key of %s', async (_, keysOf, complaint) => {
    expect(await complaints(profile(keysOf))).toEqual([complaint]);
  });

  it('knows a misspelt key, and what is missing for it', async () => {
    expect(await complaints(profile(`sourceProfil: dev, ${rest}`))).toEqual([
      `:2 profiles.x: It takes ${kinds}`,
      ':2 profiles.x.sourceProfil: The key "sourceProfil" is not known here, did you mean "sourceProfile"',
    ]);
  });

  it.each(['15m', '12h', '900000'])('does not come for a duration of %s', async (duration) => {
    expect(await complaints(profile(`sourceProfile: dev, duration: ${duration}, ${rest}`))).toEqual([]);
  });

  it('names a session that has no profiles', async () => {
    const session = 'sessions: { ngc: { provider: oidc, issuer: "https://login.example", clientId: cli } }\n';
    expect(await complaints(session + profile('session: ngc, accountId: "123456789012", roleName: R'))).toEqual([
      ':3 profiles.x.session: The session "ngc" is one of an OAuth issuer, which has access tokens and no profiles',
    ]);
  });

  it('comes for an endpoint that would be told keys in the clear', async () => {
    const env = { AWS_ENDPOINT_URL_STS: 'http://sts.example' };
    expect(await complaints(profile(`webIdentityTokenFile: /t, ${rest}`), '', env)).toEqual([
      ':2 profiles.x: Profile "x" is sent to endpoint "http://sts.example"; name one with https, or http on loopback',
    ]);
  });
});
