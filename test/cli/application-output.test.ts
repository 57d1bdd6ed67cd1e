import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type ApplicationKeys, renderApplication } from '../../src/cli/application-output.ts';

const azure: ApplicationKeys = {
  profile: 'sub',
  kind: 'azure',
  fields: { tenantId: 't-1', appId: 'a-1', secretText: "s'3", cliLogin: 'az login …\n' },
};

const keyFile = '{\n  "type": "service_account",\n  "private_key": "-----BEGIN\\nabc\\n"\n}\n';
const gcp: ApplicationKeys = { profile: 'project', kind: 'gcp', fields: { clientEmail: 'x@y', keyFile } };

describe('the keys of another application', () => {
  it("are Azure's own variables", () => {
    expect(renderApplication('env', azure)).toBe(
      `export AZURE_TENANT_ID='t-1'\nexport AZURE_CLIENT_ID='a-1'\nexport AZURE_CLIENT_SECRET='s'\\''3'\n`,
    );
    expect(renderApplication('powershell', azure)).toContain("$env:AZURE_CLIENT_SECRET = 's''3'\n");
  });

  it('are a GCP key file on one line, which says the same', () => {
    const code = renderApplication('env', gcp);
    expect(code.trimEnd().split('\n')).toHaveLength(1);
    const env = { CODE: code, PATH: process.env['PATH'] };
    const answer = execFileSync('sh', ['-c', `eval "$CODE"; printf %s "$GOOGLE_CREDENTIALS"`], {
      env,
      encoding: 'utf8',
    });
    expect(JSON.parse(answer)).toEqual(JSON.parse(keyFile));
  });

  it('are every field of a kind nobody knows, behind a prefix, so that none is PATH', () => {
    const other: ApplicationKeys = {
      profile: 'p',
      kind: 'toString',
      fields: { PATH: '/x', userName: 'u', 'api-key': 'k' },
    };
    expect(renderApplication('env', other)).toBe(
      "export BRITIVE_PATH='/x'\nexport BRITIVE_USER_NAME='u'\nexport BRITIVE_API_KEY='k'\n",
    );
  });

  it('are all fields as they came in JSON', () => {
    expect(JSON.parse(renderApplication('json', azure))).toEqual(azure.fields);
  });

  it.each(['process', 'awscreds'])('are nothing that %s could say', (format) => {
    expect(() => renderApplication(format, azure)).toThrow(
      `Profile "sub" has no AWS credentials for "${format}". Run: credbroker checkout sub -o json`,
    );
  });

  it.each(['a\nb', 'a\u0000b', '\u001b]0;x\u0007'])('go into no variable with a control character: %j', (value) => {
    for (const format of ['env', 'fish', 'powershell']) {
      const keys = { ...azure, fields: { ...azure.fields, secretText: value } };
      expect(() => renderApplication(format, keys)).toThrow('has a field that no variable can hold');
    }
  });
});
