import { describe, expect, it } from 'vitest';
import { epoch } from '../../../src/core/types.ts';
import { clusterToken } from '../../../src/providers/eks/token.ts';
import { urlIn } from '../../support/cluster-token.ts';

const at = epoch(Date.parse('2026-11-21T09:00:00.000Z'));
const keys = {
  accessKeyId: 'ASIAEXAMPLEONLY00001',
  secretAccessKey: 'secret/with+signs',
  sessionToken: 'session+token/with=signs',
};

const usual = (host: string, region: string, signature: string): string =>
  `https://${host}/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256` +
  `&X-Amz-Credential=ASIAEXAMPLEONLY00001%2F20261121%2F${region}%2Fsts%2Faws4_request&X-Amz-Date=20261121T090000Z` +
  '&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=session%2Btoken%2Fwith%3Dsigns' +
  `&X-Amz-Signature=${signature}`;

describe('the token of a cluster', () => {
  // As `aws eks get-token` of the AWS CLI 1.45.11 made them at that moment.
  it.each([
    [
      'sts.eu-central-1.amazonaws.com',
      'eu-central-1',
      '7852d6c54a5fe2b8365ca7b463e1a68bb1acfb29cb9f39637c67ec3bb3e0db39',
    ],
    ['sts.us-east-1.amazonaws.com', 'us-east-1', 'e6dfa8e089c857d02d69f33c5d578268962ba96390bf752275544c01e0199b10'],
    [
      'sts.cn-north-1.amazonaws.com.cn',
      'cn-north-1',
      '11afbfaf7deda025900a69c4657de7a1381c1cf090c3c439b9454fa21236fac2',
    ],
    [
      'sts.us-gov-west-1.amazonaws.com',
      'us-gov-west-1',
      '01f8f0a243b9db49d1f9d413423906e9666650759c1f6c75550b4ee56463c3d8',
    ],
  ])("is the AWS CLI's, to the byte, at %s", async (host, region, signature) => {
    const url = urlIn(await clusterToken(null, { keys, region, at }, 'blue'));
    expect(url).toBe(usual(host, region, signature));
  });

  it('is another one for another cluster', async () => {
    const region = 'eu-central-1';
    const [blue, green] = await Promise.all(
      ['blue', 'green'].map((cluster) => clusterToken(null, { keys, region, at }, cluster)),
    );
    expect(blue).not.toBe(green);
  });

  it('leads to the endpoint that somebody names', async () => {
    const token = await clusterToken('http://127.0.0.1:9912/sts', { keys, region: 'eu-central-1', at }, 'blue');
    expect(urlIn(token)).toMatch(/^http:\/\/127\.0\.0\.1:9912\/sts\/\?Action=GetCallerIdentity&/);
  });

  it('holds nothing that the authenticator of a cluster refuses', async () => {
    const { pathname, searchParams } = new URL(
      urlIn(await clusterToken(null, { keys, region: 'eu-central-1', at }, 'blue')),
    );
    // `parameterWhitelist` in pkg/token/token.go of aws-iam-authenticator.
    const allowed = [
      'action',
      'version',
      'x-amz-algorithm',
      'x-amz-credential',
      'x-amz-date',
      'x-amz-expires',
      'x-amz-security-token',
      'x-amz-signature',
      'x-amz-signedheaders',
    ];
    expect(pathname).toBe('/');
    expect([...searchParams.keys()].filter((name) => !allowed.includes(name.toLowerCase()))).toEqual([]);
  });
});
