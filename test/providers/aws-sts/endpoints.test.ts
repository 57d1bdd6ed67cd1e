import { expect, it } from 'vitest';
import { stsEndpoint } from '../../../src/providers/aws-endpoints.ts';
import { callerIdentity } from '../../../src/providers/aws-sts/index.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { botocores, run } from '../../support/real-clients.ts';
import { cannotRun } from '../../support/required.ts';
import { staticKeys } from './world.ts';

it.each([
  ['eu-central-1', 'https://sts.eu-central-1.amazonaws.com', 'https://sts-fips.eu-central-1.amazonaws.com'],
  ['us-east-1', 'https://sts.us-east-1.amazonaws.com', 'https://sts-fips.us-east-1.amazonaws.com'],
  ['us-gov-west-1', 'https://sts.us-gov-west-1.amazonaws.com', 'https://sts.us-gov-west-1.amazonaws.com'],
  ['cn-north-1', 'https://sts.cn-north-1.amazonaws.com.cn', 'https://sts-fips.cn-north-1.amazonaws.com.cn'],
  ['eusc-de-east-1', 'https://sts.eusc-de-east-1.amazonaws.eu', 'https://sts-fips.eusc-de-east-1.amazonaws.eu'],
  ['us-iso-east-1', 'https://sts.us-iso-east-1.c2s.ic.gov', 'https://sts-fips.us-iso-east-1.c2s.ic.gov'],
  ['us-isob-east-1', 'https://sts.us-isob-east-1.sc2s.sgov.gov', 'https://sts-fips.us-isob-east-1.sc2s.sgov.gov'],
  ['us-isof-south-1', 'https://sts.us-isof-south-1.csp.hci.ic.gov', 'https://sts-fips.us-isof-south-1.csp.hci.ic.gov'],
  ['eu-isoe-west-1', 'https://sts.eu-isoe-west-1.cloud.adc-e.uk', 'https://sts-fips.eu-isoe-west-1.cloud.adc-e.uk'],
])('case 60: STS of %s is its own, with FIPS 140 or without', (region, plain, fips) => {
  expect(stsEndpoint(region, { fips: false })).toEqual({ url: plain, signingRegion: region });
  expect(stsEndpoint(region, { fips: true })).toEqual({ url: fips, signingRegion: region });
});

it('knows the endpoint that stands in no region, and signs for the one where it lives', () => {
  expect(stsEndpoint('aws-global', { fips: false })).toEqual({
    url: 'https://sts.amazonaws.com',
    signingRegion: 'us-east-1',
  });
  expect(stsEndpoint('aws-global', { fips: true }).url).toBe('https://sts-fips.us-east-1.amazonaws.com');
});

it.each([
  [null, false, 'https://sts.eu-central-1.amazonaws.com/'],
  [null, true, 'https://sts-fips.eu-central-1.amazonaws.com/'],
  ['http://127.0.0.1:4566', true, 'http://127.0.0.1:4566/'],
  ['http://127.0.0.1:4566/sts/', false, 'http://127.0.0.1:4566/sts/'],
])('asks where an override says, else in the region: %s', async (endpoint, fips, url) => {
  const asked: { readonly url: string; readonly scope: string }[] = [];
  const fetch = async (where: string, { headers }: { readonly headers: Record<string, string> }) => {
    asked.push({ url: where, scope: /\d{8}\/([^,]+)/.exec(headers['authorization'] ?? '')?.[1] ?? '' });
    throw new Error('nobody is there');
  };
  const target = { region: 'eu-central-1', stsEndpoint: endpoint, fips };
  const { signal } = new AbortController();
  await callerIdentity({ fetch, clock: new FakeClock() }, { target, keys: staticKeys, signal });
  expect(asked).toEqual([{ url, scope: 'eu-central-1/sts/aws4_request' }]);
});

/** Every region that botocore knows, as its endpoint rules resolve it. */
const resolve = `
import json, botocore.session
from botocore.endpoint_provider import EndpointProvider
loader = botocore.session.get_session().get_component('data_loader')
partitions = loader.load_data('partitions')
rules = EndpointProvider(loader.load_service_model('sts', 'endpoint-rule-set-1'), partitions)
names = [name for p in partitions['partitions'] for name in p['regions'] if not name.endswith('-global')]
url = lambda name, fips: rules.resolve_endpoint(
    Region=name, UseFIPS=fips, UseDualStack=False, UseGlobalEndpoint=False).url
print(json.dumps([[name, url(name, False), url(name, True)] for name in names]))
`;

it('case 60: agrees with botocore about every region it knows', async (test) => {
  const newest = botocores.at(-1) ?? cannotRun(test, 'no python3 with botocore found');
  const home = { path: '/nonexistent', env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' } };
  const rows: [string, string, string][] = JSON.parse(await run(newest.command, ['-c', resolve], home));
  expect(rows.length).toBeGreaterThan(30);
  expect(
    rows.map(([region]) => [region, stsEndpoint(region, { fips: false }).url, stsEndpoint(region, { fips: true }).url]),
  ).toEqual(rows);
});
