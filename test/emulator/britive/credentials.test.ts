import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { step } from '../../../src/emulator/britive/default-catalogue.ts';
import { claimsOf } from '../../../src/emulator/britive/jwt.ts';
import type { TenantKnobs } from '../../../src/emulator/britive/knobs.ts';
import { hours, seconds } from '../../support/fake-clock.ts';
import { emulatedTenant, type TenantReply, verdict } from '../../support/tenant-client.ts';

const checkedOut = async (profileName: string, knobs: Partial<TenantKnobs> = {}) => {
  const parts = await emulatedTenant(knobs);
  parts.tenant.people.changeProfile(profileName, { checkout: [step('checkedOut')] });
  const { body } = await parts.client.checkOut(parts.client.target(profileName));
  const id = String(body.transactionId);
  return { ...parts, id, fetchTokens: () => parts.client.tokens(id) };
};

const identify = (parts: Awaited<ReturnType<typeof checkedOut>>, body: TenantReply['body']) => {
  const sts = new STSClient({
    endpoint: parts.emulator.environment.AWS_ENDPOINT_URL_STS,
    region: 'eu-central-1',
    credentials: {
      accessKeyId: body.accessKeyID,
      secretAccessKey: body.secretAccessKey,
      sessionToken: body.sessionToken,
    },
    maxAttempts: 1,
    systemClockOffset: parts.clock.now() - Date.now(),
  });
  return sts.send(new GetCallerIdentityCommand({})).then(
    ({ Arn }) => String(Arn),
    ({ name }) => String(name),
  );
};

describe('AWS keys', () => {
  it.each([
    ['Developer', '111122223333', hours(1)],
    ['Sandbox Owner', '210987654321', hours(4)],
  ])('of %s are accepted by STS until the check-in', async (profileName, accountId, lifeMs) => {
    const parts = await checkedOut(profileName);
    const { body } = await parts.fetchTokens();
    expect(body).toEqual({
      accessKeyID: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.any(String),
      sessionToken: expect.any(String),
      expirationTime: new Date(parts.clock.now() + lifeMs).toISOString().replace('.000', ''),
    });
    expect(await identify(parts, body)).toMatch(
      new RegExp(`^arn:aws:sts::${accountId}:assumed-role/britive-managed-\\w+-\\w{8}/\\w{20}$`),
    );
    await parts.client.checkIn(parts.id);
    expect(await identify(parts, body)).toBe('InvalidClientTokenId');
    expect(verdict(await parts.fetchTokens())).toBe('400 MA-0008');
  });

  it('end with their checkout', async () => {
    const parts = await checkedOut('Developer');
    const { body } = await parts.fetchTokens();
    parts.clock.advance(hours(1));
    expect(await identify(parts, body)).toBe('ExpiredToken');
  });

  it('are the same ones again, or new ones beside them', async () => {
    const parts = await checkedOut('Developer');
    const first = (await parts.fetchTokens()).body;
    expect((await parts.fetchTokens()).body).toEqual(first);
    parts.tenant.knobs.refetchedKeys = 'new';
    const second = (await parts.fetchTokens()).body;
    expect(second.accessKeyID).not.toBe(first.accessKeyID);
    expect([await identify(parts, first), await identify(parts, second)]).toEqual([
      expect.stringMatching(/^arn:/),
      expect.stringMatching(/^arn:/),
    ]);
  });

  it('can come a moment after the checkout is done', async () => {
    const { client, clock, fetchTokens } = await checkedOut('Developer', { tokensDelayMs: 2000 });
    expect((await client.rows())[0].status).toBe('checkedOut');
    expect((await fetchTokens()).status).toBe(404);
    clock.advance(seconds(2));
    expect((await fetchTokens()).status).toBe(200);
  });
});

/** The document in the text of the only member. */
const wrapped = (body: TenantReply['body']) => {
  const members = Object.entries(body);
  expect(members).toHaveLength(1);
  const [[name, text] = []] = members;
  return { name, document: JSON.parse(String(text)) };
};

describe('other applications', () => {
  it('Azure: a document in text, whose secret is shown once', async () => {
    const { fetchTokens, tenant } = await checkedOut('Contributor');
    const { name, document } = wrapped((await fetchTokens()).body);
    expect(document).toEqual({
      tenantId: expect.any(String),
      appId: name,
      secretText: expect.stringMatching(/.+/),
      cliLogin: expect.stringContaining('az login'),
      powershellScript: expect.any(String),
    });
    expect(wrapped((await fetchTokens()).body).document.secretText).toBe('');
    tenant.knobs.isAzureSecretShownOnce = false;
    expect(wrapped((await fetchTokens()).body).document.secretText).not.toBe('');
  });

  it('GCP: a key file in text, under the name of its service account', async () => {
    const { name, document } = wrapped((await (await checkedOut('Data Viewer')).fetchTokens()).body);
    expect(document).toMatchObject({ type: 'service_account', client_email: name, private_key: expect.any(String) });
  });

  it('Kubernetes: a JWT and its end', async () => {
    const { fetchTokens, clock } = await checkedOut('Cluster Reader');
    const { body } = await fetchTokens();
    expect(claimsOf(body.jwt)?.['exp']).toBe((clock.now() + hours(4)) / 1000);
    expect(Date.parse(body.expirationTime)).toBe(clock.now() + hours(4));
  });

  it('anything else: names and texts', async () => {
    const { body } = await (await checkedOut('Analyst')).fetchTokens();
    expect(body).toEqual({ username: expect.any(String), password: expect.any(String) });
  });
});

describe('the console', () => {
  const onConsole = async (knobs: Partial<TenantKnobs> = {}) => {
    const parts = await emulatedTenant(knobs);
    parts.tenant.people.changeProfile('Auditor', { checkout: [step('checkOutSubmitted'), step('checkedOut', 500)] });
    const { body } = await parts.client.checkOut(parts.client.target('Auditor'), {}, 'CONSOLE');
    const id = String(body.transactionId);
    return { ...parts, id, url: () => parts.client.get(`/api/access/${id}/url`) };
  };

  it.each([
    ['object', /^\{"url":"https:\/\/signin\.aws\.amazon\.com\/[^"]+","idpName":null\}$/],
    ['string', /^"https:\/\/signin\.aws\.amazon\.com\/[^"]+"$/],
    ['text', /^https:\/\/signin\.aws\.amazon\.com\/[^"]+$/],
  ] as const)('has its address as %s', async (consoleUrl, pattern) => {
    const { url, clock } = await onConsole({ consoleUrl });
    expect((await url()).status).toBe(404);
    clock.advance(500);
    expect((await url()).text).toMatch(pattern);
  });

  it('has no tokens, and what has tokens has no address', async () => {
    const { client, clock, id } = await onConsole();
    clock.advance(500);
    expect(verdict(await client.tokens(id))).toBe('400 E1000');
    const programmatic = await checkedOut('Developer');
    expect(verdict(await programmatic.client.get(`/api/access/${programmatic.id}/url`))).toBe('400 E1000');
  });
});
