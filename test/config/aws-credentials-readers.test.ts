import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withCredentials, withoutCredentials } from '../../config/aws-credentials-edit.ts';
import { botocores, javaScript } from '../support/real-clients.ts';
import { tempDir } from '../support/temp-dir.ts';

const python = `
import json, sys, botocore.session
session = botocore.session.Session(profile=sys.argv[1])
keys = session.get_credentials().get_frozen_credentials()
print(json.dumps([keys.access_key, keys.secret_key, keys.token, session.get_config_variable('region')]))
`;

const script = `
import { fromIni } from '@aws-sdk/credential-providers';
const { accessKeyId, secretAccessKey, sessionToken } = await fromIni({ profile: process.argv[1] })();
console.log(JSON.stringify([accessKeyId, secretAccessKey, sessionToken]));
`;

const readers = [
  ...botocores.map(({ name, command }) => ({ name, command, words: ['-c', python] })),
  { name: javaScript.name, command: javaScript.command, words: ['--input-type=module', '--eval', script] },
];

const keys = { accessKeyId: 'ASIANEW', secretAccessKey: 'a/b+c=#;d', sessionToken: 't//==', region: 'eu-west-1' };

const before = `# kept by hand
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = other

[dev] ; the one we write
aws_security_token = old-token
aws_access_key_id=OLD
s3 =
  addressing_style = path
output = json
`;

describe.each(readers)('$name', ({ command, words }) => {
  const read = (text: string, profile: string): readonly string[] => {
    const directory = tempDir();
    writeFileSync(join(directory, 'credentials'), text);
    const env = {
      PATH: process.env['PATH'],
      HOME: directory,
      AWS_CONFIG_FILE: join(directory, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(directory, 'credentials'),
    };
    return JSON.parse(execFileSync(command, [...words, profile], { env, encoding: 'utf8', stdio: 'pipe' }));
  };

  it('reads the keys that were written among what was there', () => {
    const text = withCredentials(before, 'dev', keys);
    expect(read(text, 'dev').slice(0, 3)).toEqual([keys.accessKeyId, keys.secretAccessKey, keys.sessionToken]);
    expect(read(text, 'default')[0]).toBe('AKIADEFAULT');
  });

  it('reads a section that was added to a file with Windows line ends', () => {
    const text = withCredentials(before.replaceAll('\n', '\r\n'), 'aws-admin-prod', keys);
    expect(read(text, 'aws-admin-prod')[2]).toBe(keys.sessionToken);
  });

  it('finds nothing once they are cleared, and the rest as it was', () => {
    const text = withoutCredentials(withCredentials(before, 'dev', keys), 'dev', keys.region);
    expect(() => read(text, 'dev')).toThrow();
    expect(read(text, 'default')[0]).toBe('AKIADEFAULT');
  });
});
