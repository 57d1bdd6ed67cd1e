import type { OidcSessionSettings } from '../../core/settings.ts';
import { Issuer } from './issuer.ts';
import { type OidcSession, openSession } from './session.ts';
import { TokenNotes } from './token-notes.ts';
import type { OidcDependencies } from './upstream.ts';

export type { OidcSession } from './session.ts';

export interface Oidc {
  readonly openSession: (settings: OidcSessionSettings) => OidcSession;
}

/** Any OAuth 2.0 or OpenID Connect issuer that publishes where its endpoints are. */
export const oidc = (dependencies: OidcDependencies): Oidc => ({
  openSession: (settings) => {
    const issuer = new Issuer(dependencies, settings.issuer);
    return openSession({ dependencies, settings, issuer, keys: {}, notes: new TokenNotes() });
  },
});
