import { describe, expect, it, onTestFinished } from 'vitest';
import { openHttp } from '../../../src/adapters/http.ts';
import type { Fault, Knobs } from '../../../src/emulator/index.ts';
import { type ConsoleRequest, consoleUrl } from '../../../src/providers/aws-federation/index.ts';
import { signedHeaders } from '../../../src/providers/sigv4.ts';
import { emulated } from '../../support/emulated.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';

/** The provider on its real adapter, with the keys of a role that the emulator issued. */
async function world(knobs: Partial<Knobs> = {}) {
  const { emulator, clock, oidc } = await emulated(knobs);
  const { fetch, close } = openHttp({ env: {}, version: '0.0.0' });
  onTestFinished(close);
  const { accessToken } = await oidc.logIn(await oidc.register());
  const { body } = await oidc.roleCredentials(accessToken);
  const keys = body['roleCredentials'] as ConsoleRequest['keys'];
  const endpoint = emulator.environment.AWS_ENDPOINT_URL_SIGNIN;
  const open = (changes: Partial<ConsoleRequest> = {}) =>
    consoleUrl(
      { fetch, clock, endpoint },
      {
        keys,
        standing: 'role',
        region: null,
        destination: null,
        durationMs: null,
        signal: new AbortController().signal,
        ...changes,
      },
    );
  const asked = () => emulator.journal.calls('GetSigninToken').map(({ request }) => request);
  const durations = () => asked().map(({ body, query }) => new URLSearchParams(body || query).get('SessionDuration'));
  return { emulator, clock, keys, open, asked, durations };
}

const landing = async (url: string) => (await fetch(url, { redirect: 'manual' })).headers.get('location');

describe("the console's address", () => {
  it('signs in whoever opens it, and no secret of the credentials is in it or in an address before it', async () => {
    const { open, asked, keys } = await world();
    const opened = await open({ destination: 's3', region: 'eu-central-1' });
    if (opened.type !== 'ok') throw new Error(opened.type);
    expect(await landing(opened.value)).toBe('https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1');
    const addresses = [opened.value, ...asked().map(({ path, rawQuery }) => `${path}?${rawQuery}`)].join();
    for (const secret of [keys.secretAccessKey, keys.sessionToken]) {
      expect(addresses).not.toContain(secret);
      expect(addresses).not.toContain(encodeURIComponent(secret));
    }
    expect(asked().map(({ method }) => method)).toEqual(['POST']);
  });

  it.each([
    [null, [null]],
    [minutes(15), ['900']],
    [hours(12) + 999, ['43200']],
  ])('asks for a session of %s ms', async (durationMs, expected) => {
    const { open, durations } = await world();
    expect(await open({ durationMs })).toMatchObject({ type: 'ok' });
    expect(durations()).toEqual(expected);
  });

  it.each([minutes(15) - 1, hours(12) + seconds(1)])('asks for none of %i ms', async (durationMs) => {
    const { open, asked } = await world();
    const detail = 'a session in the console lasts from 15 minutes to 12 hours';
    expect(await open({ durationMs })).toEqual({ type: 'denied', why: 'bad-request', detail });
    expect(asked()).toEqual([]);
  });

  it.each(['chained', 'federated'] as const)('case 68: names no duration for %s credentials', async (standing) => {
    const { open, durations } = await world();
    expect(await open({ standing, durationMs: hours(1) })).toMatchObject({ type: 'ok' });
    expect(durations()).toEqual([null]);
  });

  it('case 68: names none after it was refused one', async () => {
    const { open, emulator, durations } = await world();
    const when = ({ body }: { readonly body: string }) => body.includes('SessionDuration');
    emulator.faults.add('GetSigninToken', { kind: 'status', status: 400, body: 'no' }, { when });
    expect(await open({ durationMs: hours(1) })).toMatchObject({ type: 'ok' });
    expect(durations()).toEqual(['3600', null]);
  });

  it('case 68: names none for a role that another role assumed, whoever forgot that', async () => {
    const { open, emulator, clock, keys, durations } = await world();
    const form = new URLSearchParams({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: emulator.knobs.roles[0]?.arn ?? '',
      RoleSessionName: 'test',
    });
    const url = emulator.environment.AWS_ENDPOINT_URL_STS;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const scope = { keys, service: 'sts', region: 'us-east-1', at: clock.now() };
    const post = { method: 'POST', url, headers, body: form.toString() } as const;
    const signed = await signedHeaders({ ...scope, ...post });
    const xml = await (await fetch(url, { method: 'POST', headers: signed, body: post.body })).text();
    const element = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? '';
    const chained = {
      accessKeyId: element('AccessKeyId'),
      secretAccessKey: element('SecretAccessKey'),
      sessionToken: element('SessionToken'),
    };
    expect(await open({ keys: chained, durationMs: hours(1) })).toMatchObject({ type: 'ok' });
    expect(durations()).toEqual(['3600', null]);
  });

  it('is asked for in an address where the host takes no other', async () => {
    const { open, asked, durations } = await world({ federationTakesPost: false });
    expect(await open({ durationMs: hours(1) })).toMatchObject({ type: 'ok' });
    expect(asked().map(({ method }) => method)).toEqual(['POST', 'GET']);
    expect(durations()).toEqual(['3600', '3600']);
  });

  it.each<[string, Partial<ConsoleRequest>]>([
    ['said to be so', { standing: 'user' }],
    ['without a session token', { keys: { accessKeyId: 'ASIA1', secretAccessKey: 's', sessionToken: '' } }],
    ['that do not expire', { keys: { accessKeyId: 'AKIA1', secretAccessKey: 's', sessionToken: 't' } }],
  ])("is refused to a user's keys, %s, without asking", async (_what, changes) => {
    const { open, asked } = await world();
    const detail = 'the console is closed to the keys of an IAM user. Use a profile with a role';
    expect(await open(changes)).toEqual({ type: 'denied', why: 'bad-request', detail });
    expect(asked()).toEqual([]);
  });

  it('is refused to credentials that have ended, after asking in every way', async () => {
    const { open, clock, asked } = await world();
    clock.advance(hours(2));
    const detail = 'the console refuses these credentials (400)';
    expect(await open({ durationMs: hours(1) })).toEqual({ type: 'denied', why: 'forbidden', detail });
    expect(asked()).toHaveLength(4);
  });

  it.each<[Fault, object]>([
    [
      { kind: 'status', status: 403, body: 'no' },
      { type: 'denied', why: 'forbidden' },
    ],
    [
      { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
      { type: 'transient', why: '429', retryAfterMs: 7_000 },
    ],
    [{ kind: 'status', status: 407 }, { type: 'transient' }],
    [
      { kind: 'status', status: 200 },
      { type: 'transient', why: 'bad-body' },
    ],
    [{ kind: 'badGateway' }, { type: 'transient', why: '5xx' }],
    [{ kind: 'captivePortal' }, { type: 'transient', why: 'captive-portal' }],
    [{ kind: 'malformedJson' }, { type: 'transient', why: 'bad-body' }],
    [{ kind: 'resetAfter' }, { type: 'transient', why: 'connect' }],
  ])('is not known after %j, and nothing of the credentials is told', async (fault, verdict) => {
    const { open, emulator, keys, asked } = await world();
    emulator.faults.add('GetSigninToken', fault);
    const said = await open();
    expect(said).toMatchObject(verdict);
    expect(JSON.stringify(said)).not.toContain(keys.sessionToken.slice(0, 20));
    expect(asked()).toHaveLength(1);
  });
});

describe('what the console opens', () => {
  const prepared = async (changes: Partial<ConsoleRequest>) => {
    const urls: string[] = [];
    const body = async function* () {
      yield new TextEncoder().encode('{"SigninToken":"t+k/n="}');
    };
    const { clock } = await world();
    const fetch = async (url: string) => {
      urls.push(url);
      return { status: 200, headers: { get: () => null }, body: body() };
    };
    const keys = { accessKeyId: 'ASIA1', secretAccessKey: 's', sessionToken: 't' };
    const usual = { keys, standing: 'role', region: null, destination: null, durationMs: null } as const;
    const request = { ...usual, signal: new AbortController().signal, ...changes };
    return { verdict: await consoleUrl({ fetch, clock, endpoint: null }, request), urls };
  };

  it.each([
    [null, 'https://signin.aws.amazon.com', 'https://console.aws.amazon.com'],
    ['us-east-1', 'https://signin.aws.amazon.com', 'https://console.aws.amazon.com'],
    ['eu-west-1', 'https://eu-west-1.signin.aws.amazon.com', 'https://eu-west-1.console.aws.amazon.com'],
    ['cn-north-1', 'https://signin.amazonaws.cn', 'https://console.amazonaws.cn'],
    ['cn-northwest-1', 'https://cn-northwest-1.signin.amazonaws.cn', 'https://cn-northwest-1.console.amazonaws.cn'],
    ['us-gov-west-1', 'https://signin.amazonaws-us-gov.com', 'https://console.amazonaws-us-gov.com'],
    [
      'us-gov-east-1',
      'https://us-gov-east-1.signin.amazonaws-us-gov.com',
      'https://us-gov-east-1.console.amazonaws-us-gov.com',
    ],
    [
      'eusc-de-east-1',
      'https://eusc-de-east-1.signin.amazonaws-eusc.eu',
      'https://eusc-de-east-1.console.amazonaws-eusc.eu',
    ],
  ])('in region %s is at %s', async (region, origin, home) => {
    const { verdict, urls } = await prepared({ region });
    if (verdict.type !== 'ok') throw new Error(verdict.type);
    const url = new URL(verdict.value);
    expect([urls, url.origin + url.pathname]).toEqual([[`${origin}/federation`], `${origin}/federation`]);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Action: 'login',
      Issuer: 'credbroker',
      Destination: `${home}/console/home?region=${region ?? 'us-east-1'}`,
      SigninToken: 't+k/n=',
    });
  });

  it.each([
    'https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#Instances:',
    'https://health.aws.amazon.com/health/home',
  ])('is any page of its own, such as %s', async (destination) => {
    const { verdict } = await prepared({ destination });
    expect(verdict.type === 'ok' && new URL(verdict.value).searchParams.get('Destination')).toBe(destination);
  });

  it.each([
    'http://console.aws.amazon.com/',
    'https://example.com/',
    'https://console.aws.amazon.com.example.com/',
    'https://evilaws.amazon.com/',
    'https://console.aws.amazon.com:8443/',
    'https://console.amazonaws.cn/',
    '../s3',
    'S3 console',
  ])('is nothing like %s', async (destination) => {
    const { verdict, urls } = await prepared({ destination });
    expect([verdict.type, urls]).toEqual(['denied', []]);
  });

  it('is not known in an isolated region', async () => {
    const { verdict } = await prepared({ region: 'us-iso-east-1' });
    const detail = 'the console of region "us-iso-east-1" is not known';
    expect(verdict).toEqual({ type: 'denied', why: 'bad-request', detail });
  });
});
