import { describe, expect, it } from 'vitest';
import { isRegion } from '../../../src/providers/aws-endpoints.ts';
import { oidcUrl, portalUrl } from '../../../src/providers/aws-sso/endpoints.ts';

const own = { oidcEndpoint: null, portalEndpoint: null };

describe('endpoints', () => {
  it.each([
    ['us-east-1', 'amazonaws.com'],
    ['us-gov-west-1', 'amazonaws.com'],
    ['cn-north-1', 'amazonaws.com.cn'],
    ['eusc-de-east-1', 'amazonaws.eu'],
    ['us-iso-east-1', 'c2s.ic.gov'],
    ['us-isob-east-1', 'sc2s.sgov.gov'],
    ['us-isof-south-1', 'csp.hci.ic.gov'],
    ['eu-isoe-west-1', 'cloud.adc-e.uk'],
  ])('are in %s those of its partition', (region, suffix) => {
    expect(oidcUrl(own, region)).toBe(`https://oidc.${region}.${suffix}`);
    expect(portalUrl(own, region)).toBe(`https://portal.sso.${region}.${suffix}`);
  });

  it.each([
    ['http://127.0.0.1:4566', 'http://127.0.0.1:4566'],
    ['http://127.0.0.1:4566/', 'http://127.0.0.1:4566'],
    ['http://127.0.0.1:4566/a/oidc/', 'http://127.0.0.1:4566/a/oidc'],
    ['https://proxy.example/oidc?x=1#y', 'https://proxy.example/oidc'],
  ])('are where an override says, path included: %s', (override, base) => {
    expect(oidcUrl({ ...own, oidcEndpoint: override }, 'us-east-1')).toBe(base);
    expect(portalUrl({ ...own, portalEndpoint: override }, 'us-east-1')).toBe(base);
  });

  it.each([null, '', 'evil.example', 'us-east-1.evil', 'us-east-1/', 'US-EAST-1', '127.0.0.1:80', '-us-east-1'])(
    'are never built from %j',
    (region) => {
      expect(isRegion(region)).toBe(false);
    },
  );
});
