/** Credentials as each kind of application spells them. */
import type { IssuedKeys, Keys, Principal } from '../keys.ts';
import { hexOf, opaque, roleId } from '../random.ts';
import type { Checkout } from './checkouts.ts';
import { signJwt } from './jwt.ts';
import type { TenantKnobs } from './knobs.ts';
import { timestamp } from './timestamps.ts';

/** Issues what the tenant hands out, and takes AWS keys back when their checkout ends. */
export class Payloads {
  readonly #issued = new Map<string, IssuedKeys[]>();
  readonly #shown = new Set<string>();
  readonly #knobs: TenantKnobs;
  readonly #keys: Keys;
  readonly #now: () => number;

  constructor(knobs: TenantKnobs, keys: Keys, now: () => number) {
    this.#knobs = knobs;
    this.#keys = keys;
    this.#now = now;
  }

  of(checkout: Checkout): Readonly<Record<string, unknown>> {
    const isFirst = !this.#shown.has(checkout.transactionId);
    this.#shown.add(checkout.transactionId);
    switch (checkout.application.kind) {
      case 'AWS':
      case 'AWS Standalone':
        return this.#amazon(checkout);
      case 'Azure':
        return azure(checkout, isFirst || !this.#knobs.isAzureSecretShownOnce);
      case 'GCP':
      case 'GCP Standalone':
        return google(checkout);
      case 'Kubernetes':
        return { jwt: this.#clusterToken(checkout), expirationTime: this.#expiry(checkout.expiresAt) };
      default:
        return { username: `jit_${hexOf(checkout.transactionId, 8)}`, password: opaque(12) };
    }
  }

  revoke({ transactionId }: Checkout): void {
    for (const { accessKeyId } of this.#issued.get(transactionId) ?? []) this.#keys.revoke(accessKeyId);
  }

  #amazon(checkout: Checkout) {
    const keys = this.#heldKeys(checkout) ?? this.#newKeys(checkout);
    return {
      accessKeyID: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
      sessionToken: keys.sessionToken,
      expirationTime: this.#expiry(keys.expiresAt),
    };
  }

  /** Those which live as long as the checkout: an extension makes no key live longer. */
  #heldKeys({ transactionId, expiresAt }: Checkout): IssuedKeys | undefined {
    if (this.#knobs.refetchedKeys === 'new') return undefined;
    return this.#issued.get(transactionId)?.find((keys) => keys.expiresAt === expiresAt);
  }

  #newKeys(checkout: Checkout): IssuedKeys {
    const keys = this.#keys.issue(principalOf(checkout), checkout.expiresAt - this.#now());
    const { transactionId } = checkout;
    this.#issued.set(transactionId, [...(this.#issued.get(transactionId) ?? []), keys]);
    return keys;
  }

  #clusterToken({ userId, expiresAt }: Checkout): string {
    return signJwt({ sub: userId, exp: Math.floor(expiresAt / 1000) }, Buffer.from(opaque(32)));
  }

  #expiry(ms: number): string {
    return timestamp(ms, this.#knobs.timestamps);
  }
}

function principalOf({ environment, profile, userId }: Checkout): Principal {
  const accountId = environment.environmentId;
  const role = `britive-managed-${profile.name.replaceAll(/\W+/g, '')}-${hexOf(profile.papId, 8)}`;
  return {
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/${role}/${userId}`,
    userId: `${roleId(`${accountId}/${role}`)}:${userId}`,
  };
}

/** One member, whose value is a document in text. */
function azure({ transactionId, environment }: Checkout, withSecret: boolean) {
  const appId = hexOf(`azure/${transactionId}`, 32);
  const tenantId = environment.environmentId;
  const secretText = withSecret ? opaque(24) : '';
  const cliLogin = `az login --service-principal -u ${appId} -p ${secretText} --tenant ${tenantId}`;
  return { [appId]: JSON.stringify({ tenantId, appId, secretText, cliLogin, powershellScript: '' }) };
}

/** One member, named after the service account, whose value is its key file in text. */
function google({ transactionId, environment }: Checkout) {
  const email = `jit-${hexOf(transactionId, 8)}@example.iam.gserviceaccount.com`;
  const file = {
    type: 'service_account',
    project_id: environment.environmentId,
    private_key_id: hexOf(`gcp/${transactionId}`, 40),
    private_key: `-----BEGIN PRIVATE KEY-----\n${opaque(48)}\n-----END PRIVATE KEY-----\n`,
    client_email: email,
    token_uri: 'https://oauth2.googleapis.com/token',
  };
  return { [email]: JSON.stringify(file) };
}
