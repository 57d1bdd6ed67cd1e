import { fetch } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openHttp } from '../../src/adapters/http.ts';
import { openLoopback } from '../../src/adapters/loopback.ts';
import type { ClientRegistration, LoginFlow, LoginOutcome, SessionRecord, Verdict } from '../../src/core/types.ts';
import { type Fault, type Knobs, startEmulator } from '../../src/emulator/index.ts';
import { awsSso } from '../../src/providers/aws-sso/index.ts';
import { assertMatchesModels } from '../support/aws-models.ts';
import { FakeClock, minutes, seconds, settled } from '../support/fake-clock.ts';
import { loginRequest, never, sessionSettings } from '../support/sso-world.ts';

/** The provider on its real adapters against the emulated Identity Center. The person at the browser is played here. */
const open = async (knobs: Partial<Knobs> = {}) => {
  const clock = new FakeClock();
  const emulator = await startEmulator({ port: 0, now: clock.now, knobs });
  const http = openHttp({ env: {}, version: '0.0.0' });
  onTestFinished(async () => {
    await http.close();
    await emulator.close();
    // What a fault has done to an answer is in nobody's model.
    const entries = emulator.journal.entries.filter(({ fault }) => fault === null);
    assertMatchesModels({ entries });
  });
  const registrations = new Map<string, ClientRegistration>();
  const pages: string[] = [];
  const provider = awsSso({
    fetch: http.fetch,
    clock,
    timers: clock,
    openLoopback,
    openBrowser: async (url) => pages.push(url) > 0,
    registrations: {
      load: async (key) => registrations.get(key) ?? null,
      save: async (key, registration) => {
        if (registration) registrations.set(key, registration);
        else registrations.delete(key);
      },
    },
  });
  const settings = sessionSettings({
    oidcEndpoint: emulator.environment.AWS_ENDPOINT_URL_SSO_OIDC,
    portalEndpoint: emulator.environment.AWS_ENDPOINT_URL_SSO,
  });
  const session = provider.openSession(settings);
  return { clock, emulator, provider, settings, session, pages };
};

type World = Awaited<ReturnType<typeof open>>;

const recordOf = (outcome: LoginOutcome): SessionRecord =>
  outcome.type === 'ok' ? outcome.record : expect.unreachable(JSON.stringify(outcome));

/** Signs in through the page that opens, pressing the named button. */
const login = async ({ session, pages, clock }: World, flow: LoginFlow, decision = 'allow'): Promise<LoginOutcome> => {
  const outcome = session.login(loginRequest(flow));
  while (pages.length === 0) await settled();
  await press(pages.shift() ?? '', decision);
  if (flow === 'device') clock.advance(seconds(5));
  return outcome;
};

const press = async (url: string, decision: string): Promise<string> => {
  const page = await (await fetch(url)).text();
  const action = new URL(/action="([^"]+)"/.exec(page)?.[1] ?? '', url);
  const fields = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  const form = new URLSearchParams();
  for (const [, name = '', value = ''] of fields) form.set(name, value);
  form.set('decision', decision);
  // fetch follows the redirect to our own listener, as the browser would.
  return (await fetch(action, { method: 'POST', body: form })).text();
};

describe('the Identity Center provider and the emulator', () => {
  it.each<LoginFlow>(['browser', 'device'])('sign in with the %s flow', async (flow) => {
    const world = await open();
    const record = recordOf(await login(world, flow));
    expect(record).toMatchObject({ region: 'us-east-1', refreshToken: expect.any(String) });
    expect(record.expiresAt - world.clock.now()).toBeGreaterThan(minutes(59));
    expect(await world.session.probe(record, never)).toMatchObject({ type: 'ok' });
  });

  it.each<LoginFlow>(['browser', 'device'])('agree that somebody declined the %s flow', async (flow) => {
    expect(await login(await open(), flow, 'deny')).toMatchObject({ type: 'declined' });
  });

  it('register once for two sign-ins', async () => {
    const world = await open();
    await login(world, 'browser');
    await login(world, 'browser');
    expect(world.emulator.journal.calls('RegisterClient')).toHaveLength(1);
  });

  it('agree on a registration that was forgotten', async () => {
    const world = await open();
    await login(world, 'device');
    world.emulator.people.forgetClients();
    recordOf(await login(world, 'device'));
    expect(world.emulator.journal.calls('RegisterClient')).toHaveLength(2);
  });

  it('refresh with rotation: the new token works, the old one never again', async () => {
    const world = await open();
    const first = recordOf(await login(world, 'browser'));
    const second = await world.session.refresh(first, never);
    if (second.type !== 'ok') return expect.unreachable(JSON.stringify(second));
    expect(second.value.record.refreshToken).not.toBe(first.refreshToken);
    expect(await world.session.refresh(first, never)).toMatchObject({ type: 'rejected', why: 'invalid_grant' });
    expect(await world.session.refresh(second.value.record, never)).toMatchObject({ type: 'ok' });
  });

  it.each(['never', 'omit'] as const)('refresh again and again with rotation "%s"', async (rotation) => {
    const world = await open({ rotation });
    let record = recordOf(await login(world, 'browser'));
    for (let round = 0; round < 3; round++) {
      const refreshed = await world.session.refresh(record, never);
      if (refreshed.type !== 'ok') return expect.unreachable(JSON.stringify(refreshed));
      record = refreshed.value.record;
    }
  });

  it.each(['InvalidGrantException', 'InvalidRequestException'] as const)(
    'agree that another region refuses a refresh, with %s',
    async (wrongRegion) => {
      const world = await open({ wrongRegion });
      const record = recordOf(await login(world, 'browser'));
      const elsewhere = world.emulator.endpointsOf('eu-west-1').AWS_ENDPOINT_URL_SSO_OIDC;
      const session = world.provider.openSession({ ...world.settings, oidcEndpoint: elsewhere });
      expect(await session.refresh(record, never)).toMatchObject({ type: 'rejected' });
      expect(await world.session.refresh(record, never)).toMatchObject({ type: 'ok' });
    },
  );

  it.each<readonly [Fault, Verdict<never>['type']]>([
    [{ kind: 'resetBefore' }, 'ambiguous'],
    [{ kind: 'resetAfter' }, 'ambiguous'],
    [{ kind: 'truncated' }, 'ambiguous'],
    [{ kind: 'malformedJson' }, 'ambiguous'],
    [{ kind: 'badGateway' }, 'transient'],
    [{ kind: 'captivePortal' }, 'transient'],
    [{ kind: 'status', status: 503 }, 'transient'],
    [{ kind: 'status', status: 429, headers: { 'retry-after': '3' } }, 'transient'],
  ])('make no sign-out of a refresh that meets %j', async (fault, type) => {
    const world = await open({ oldToken: { graceMs: minutes(1) } });
    const record = recordOf(await login(world, 'browser'));
    world.emulator.faults.add('CreateToken', fault, { times: 1 });
    expect(await world.session.refresh(record, never)).toMatchObject({ type });
    // The same token again, while the server still takes it.
    expect(await world.session.refresh(record, never)).toMatchObject({ type: 'ok' });
  });

  it('hand out the credentials of a role, and refuse one that is not assigned', async () => {
    const world = await open();
    const record = recordOf(await login(world, 'browser'));
    const common = { kind: 'sso', session: 'work', region: null, description: null } as const;
    const profile = { ...common, name: 'dev', accountId: '111122223333', origin: world.settings.origin };
    const acquire = (roleName: string) =>
      world.provider
        .openProfile({ ...profile, roleName }, world.settings)
        .acquire({ record, source: null, checkout: null, wish: null, signal: never });
    const verdict = await acquire('DeveloperAccess');
    if (verdict.type !== 'ok') return expect.unreachable(JSON.stringify(verdict));
    expect(verdict.value).toMatchObject({ accountId: '111122223333', sessionToken: expect.any(String) });
    expect(Math.abs(verdict.value.expiresAt - world.clock.now() - minutes(60))).toBeLessThan(minutes(1));
    expect(await acquire('NoSuchRole')).toMatchObject({ type: 'denied' });
  });

  it('list every account and role, page by page', async () => {
    const world = await open({ pageSize: 1 });
    const record = recordOf(await login(world, 'browser'));
    const listing = world.provider.catalogue(world.settings, { record, progress: () => {}, signal: never });
    let listed = false;
    void listing.finally(() => {
      listed = true;
    });
    while (!listed) {
      await settled();
      world.clock.advance(50);
    }
    const verdict = await listing;
    if (verdict.type !== 'ok') return expect.unreachable(JSON.stringify(verdict));
    expect(verdict.value.map(({ accountName, roleName }) => `${accountName}/${roleName}`)).toEqual([
      'Development/DeveloperAccess',
      'Development/AdministratorAccess',
      'Staging/DeveloperAccess',
      'Staging/ReadOnlyAccess',
      'Production/ReadOnlyAccess',
    ]);
  });

  it('end the session: nothing it had works any more, and ending it twice is fine', async () => {
    const world = await open();
    const record = recordOf(await login(world, 'browser'));
    expect(await world.session.logout(record, never)).toMatchObject({ type: 'ok' });
    expect(await world.session.probe(record, never)).toMatchObject({ type: 'unauthorized' });
    expect(await world.session.refresh(record, never)).toMatchObject({ type: 'rejected' });
    expect(await world.session.logout(record, never)).toMatchObject({ type: 'ok' });
  });

  it('agree that the portal can be reached without a token', async () => {
    const world = await open();
    expect(await world.session.probe(null, never)).toMatchObject({ type: 'unauthorized' });
  });
});
