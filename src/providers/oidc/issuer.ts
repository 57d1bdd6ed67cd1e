/** What an issuer publishes about itself. Kept, because a sign-in service that works must not fail for a document that does not. */
import * as oauth from 'oauth4webapi';
import type { EpochMs, Verdict } from '../../core/types.ts';
import type { Http } from '../http.ts';
import { denied, verdictOf } from './verdicts.ts';
import { fetchOver, isLoopback, isSafe, type Wire } from './wire.ts';

/** Endpoints move once in years, and a restart reads them anew. */
const keptMs = 60 * 60_000;

/** How each call of oauth4webapi is made. */
export interface CallOptions {
  readonly [oauth.customFetch]: ReturnType<typeof fetchOver>;
  readonly [oauth.allowInsecureRequests]: boolean;
}

export class Issuer {
  readonly #http: Http;
  readonly #identifier: URL;
  #read: { readonly metadata: oauth.AuthorizationServer; readonly at: EpochMs } | null = null;

  constructor(http: Http, identifier: string) {
    this.#http = http;
    this.#identifier = new URL(identifier);
  }

  optionsFor(signal: AbortSignal): CallOptions {
    return {
      [oauth.customFetch]: fetchOver(this.wire(signal)),
      [oauth.allowInsecureRequests]: isLoopback(this.#identifier),
    };
  }

  wire(signal: AbortSignal): Wire {
    return { http: this.#http, signal };
  }

  /** The kept ones for an hour, and for as long as newer ones cannot be had. */
  async metadata(signal: AbortSignal): Promise<Verdict<oauth.AuthorizationServer>> {
    const kept = this.#read;
    const age = kept === null ? Number.POSITIVE_INFINITY : this.#http.clock.now() - kept.at;
    if (kept !== null && age >= 0 && age < keptMs) return { type: 'ok', value: kept.metadata };
    const read = await this.read(signal);
    return read.type !== 'ok' && kept !== null ? { type: 'ok', value: kept.metadata } : read;
  }

  /** Asks in any case: the answer proves that the issuer was reached. */
  async read(signal: AbortSignal): Promise<Verdict<oauth.AuthorizationServer>> {
    const openid = await this.#readOne('oidc', signal);
    const read = openid === null ? await this.#readOne('oauth2', signal) : openid;
    if (read === null) return denied('the issuer publishes no discovery document; check "issuer"');
    if (read.type === 'ok') this.#read = { metadata: read.value, at: this.#http.clock.now() };
    return read;
  }

  /** Null where nothing is published. */
  async #readOne(
    algorithm: 'oidc' | 'oauth2',
    signal: AbortSignal,
  ): Promise<Verdict<oauth.AuthorizationServer> | null> {
    try {
      const response = await oauth.discoveryRequest(this.#identifier, { algorithm, ...this.optionsFor(signal) });
      if (response.status === 404) return null;
      const value = await oauth.processDiscoveryResponse(this.#identifier, response);
      return endpoints.every((name) => value[name] === undefined || isSafe(value[name]))
        ? { type: 'ok', value }
        : denied('the issuer publishes an endpoint without https');
    } catch (thrown) {
      return verdictOf(thrown);
    }
  }
}

const endpoints = [
  'authorization_endpoint',
  'token_endpoint',
  'device_authorization_endpoint',
  'userinfo_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'jwks_uri',
] as const;
