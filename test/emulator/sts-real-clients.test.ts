import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import { totp } from '../../src/emulator/totp.ts';
import { assertMatchesModels } from '../support/aws-models.ts';
import { IdIssuer } from '../support/id-issuer.ts';
import { botocores, homeIn, type RealClient, run } from '../support/real-clients.ts';
import { mfaSerial, opsKeys, roles, userOf, wrong } from '../support/sts-world.ts';
import { tempDir } from '../support/temp-dir.ts';

const ci = 'arn:aws:iam::444455556666:role/Ci';

const config = (tokenFile: string): string => `
[profile ops]
aws_access_key_id = ${opsKeys.accessKeyId}
aws_secret_access_key = ${opsKeys.secretAccessKey}
[profile first]
role_arn = ${roles.open.arn}
source_profile = ops
[profile second]
role_arn = ${roles.second.arn}
source_profile = first
role_session_name = nightly
[profile third]
role_arn = ${roles.third.arn}
source_profile = second
duration_seconds = 3600
[profile long]
role_arn = ${roles.second.arn}
source_profile = first
duration_seconds = 7200
[profile partner]
role_arn = ${roles.partner.arn}
source_profile = ops
external_id = partner-7
[profile guarded]
role_arn = ${roles.guarded.arn}
source_profile = ops
mfa_serial = ${mfaSerial}
[profile ci]
role_arn = ${ci}
web_identity_token_file = ${tokenFile}
`;

/** botocore asks for the code on a terminal that is none here. */
const identity = `
import json, sys, botocore.session
session = botocore.session.Session(profile=sys.argv[1])
roles = session.get_component('credential_provider').get_provider('assume-role')
roles._prompter = lambda words: sys.argv[2]
print(json.dumps(session.create_client('sts').get_caller_identity()['Arn']))
`;

const sessions = `
import json, sys, botocore.session
sts = botocore.session.Session(profile='ops').create_client('sts')
made = sts.get_session_token(SerialNumber=sys.argv[1], TokenCode=sys.argv[2], DurationSeconds=900)['Credentials']
own = botocore.session.Session().create_client('sts', aws_access_key_id=made['AccessKeyId'],
    aws_secret_access_key=made['SecretAccessKey'], aws_session_token=made['SessionToken'])
role = own.assume_role(RoleArn=sys.argv[3], RoleSessionName='ci', SourceIdentity='ada',
    Tags=[{'Key': 'team', 'Value': 'blue'}])
print(json.dumps([own.get_caller_identity()['Arn'], role['SourceIdentity'],
    sts.get_federation_token(Name='page')['FederatedUser']['Arn']]))
`;

const prepared = async (client: RealClient) => {
  const issuer = await IdIssuer.create('RS256');
  const webIdentity = { issuer: issuer.url, subject: 'repo:build' };
  const knobs = {
    ...userOf(),
    roles: [...Object.values(roles), { ...roles.open, arn: ci, webIdentity }],
    identityProviders: [issuer.provider],
  };
  const emulator = await startEmulator({ port: 0, now: Date.now, knobs });
  onTestFinished(() => emulator.close());
  const path = tempDir();
  mkdirSync(join(path, '.aws'));
  const tokenFile = join(path, 'token');
  writeFileSync(tokenFile, await issuer.token(Date.now() + 60_000));
  writeFileSync(join(path, '.aws', 'config'), config(tokenFile));
  const { env } = homeIn(client, emulator, path);
  const home = { path, env: { ...env, AWS_DEFAULT_REGION: 'eu-central-1' } };
  const python = async (script: string, ...args: string[]) =>
    JSON.parse(await run(client.command, ['-c', script, ...args], home));
  const code = () => totp(userOf().mfaDevices[0].secret, Date.now());
  return { emulator, python, identityOf: (profile: string, otp = '') => python(identity, profile, otp), code };
};

describe.each(botocores)('$name', (client) => {
  it('goes through a chain of three roles, and is refused two hours for a link of it', async () => {
    const { emulator, identityOf } = await prepared(client);
    expect(await identityOf('third')).toMatch(/^arn:aws:sts::444455556666:assumed-role\/Third\/botocore-session-/);
    expect(emulator.journal.calls('AssumeRole')).toHaveLength(3);
    expect(await identityOf('second')).toBe('arn:aws:sts::444455556666:assumed-role/Second/nightly');
    await expect(identityOf('long')).rejects.toThrow(/1 hour session limit for roles assumed by role chaining/);
    expect(await identityOf('partner')).toMatch(/assumed-role\/Partner\//);
    assertMatchesModels(emulator.journal);
  });

  it('shows a code of its MFA device, once', async () => {
    const { emulator, identityOf, code } = await prepared(client);
    await expect(identityOf('guarded', wrong(code()))).rejects.toThrow(/invalid MFA one time pass code/);
    const spent = code();
    expect(await identityOf('guarded', spent)).toMatch(/assumed-role\/Guarded\//);
    await expect(identityOf('guarded', spent)).rejects.toThrow(/invalid MFA one time pass code/);
    assertMatchesModels(emulator.journal);
  });

  it('makes a session with a second factor, and of it a guarded role', async () => {
    const { emulator, python, code } = await prepared(client);
    expect(await python(sessions, mfaSerial, code(), roles.guarded.arn)).toEqual([
      opsKeys.arn,
      'ada',
      'arn:aws:sts::111122223333:federated-user/page',
    ]);
    assertMatchesModels(emulator.journal);
  });

  it('assumes a role with the ID token in a file', async () => {
    const { emulator, identityOf } = await prepared(client);
    expect(await identityOf('ci')).toMatch(/^arn:aws:sts::444455556666:assumed-role\/Ci\//);
    assertMatchesModels(emulator.journal);
  });
});
