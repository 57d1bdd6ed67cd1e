/**
 * Our own client registrations: made once, kept for their 90 days, never the ones of the AWS CLI. A refresh token works
 * only with the registration it was issued under, which therefore travels in the session's record as well.
 */
import type { ClientRegistration, Verdict } from '../../core/types.ts';
import type { RegistrationStore } from '../provider.ts';
import type { OidcCall } from './oidc.ts';
import { parseRegistration, requestRegistration } from './oidc.ts';

export interface RegistrationNeeds {
  readonly region: string;
  /** Null registers without scopes and grants, as legacy profiles do. */
  readonly scopes: readonly string[] | null;
  /** As configured. */
  readonly startUrl: string;
  /** Where it leads. */
  readonly issuerUrl: string;
  readonly grant: 'device' | 'browser';
}

/** Identity Center compares redirects without their port, RFC 8252 section 7.3. */
export const redirectPath = '/oauth/callback';

const minimumLeftMs = 15 * 60_000;

export class Registrar {
  readonly #call: OidcCall;
  readonly #store: RegistrationStore;
  readonly #needs: RegistrationNeeds;
  readonly #key: string;

  constructor(call: OidcCall, store: RegistrationStore, needs: RegistrationNeeds) {
    this.#call = call;
    this.#store = store;
    this.#needs = needs;
    const { region, scopes, startUrl, grant } = needs;
    this.#key = JSON.stringify(['aws-sso', call.endpoint, region, scopes, startUrl, grant]);
  }

  /** The kept one while it has 15 minutes left, otherwise a new one. */
  async obtain(): Promise<Verdict<ClientRegistration>> {
    const kept = await this.#store.load(this.#key);
    const usable = kept !== null && kept.expiresAt - this.#call.http.clock.now() >= minimumLeftMs;
    return usable ? { type: 'ok', value: kept } : this.renew();
  }

  /** For a kept one that the server does not know any more. */
  async renew(): Promise<Verdict<ClientRegistration>> {
    const verdict = parseRegistration(await requestRegistration(this.#call, registrationBody(this.#needs)));
    if (verdict.type === 'ok') await this.#store.save(this.#key, verdict.value);
    return verdict;
  }

  async forget(): Promise<void> {
    await this.#store.save(this.#key, null);
  }
}

const registrationBody = ({ scopes, issuerUrl, grant }: RegistrationNeeds): Readonly<Record<string, unknown>> => ({
  clientName: 'credbroker',
  clientType: 'public',
  ...(scopes !== null && { scopes, grantTypes: grantTypes[grant] }),
  ...(grant === 'browser' && { redirectUris: [`http://127.0.0.1${redirectPath}`], issuerUrl }),
});

const grantTypes = {
  device: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  browser: ['authorization_code', 'refresh_token'],
} as const;
