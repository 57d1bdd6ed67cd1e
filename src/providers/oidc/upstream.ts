import * as oauth from 'oauth4webapi';
import type { OidcSessionSettings } from '../../core/settings.ts';
import type { ProviderDependencies } from '../provider.ts';
import type { IssuerKeys } from './id-token.ts';
import type { Issuer } from './issuer.ts';
import type { TokenNotes } from './token-notes.ts';

export type OidcDependencies = Omit<ProviderDependencies, 'registrations'>;

/** One session's issuer, and what it takes to talk to it. */
export interface Upstream {
  readonly dependencies: OidcDependencies;
  readonly settings: OidcSessionSettings;
  readonly issuer: Issuer;
  readonly keys: IssuerKeys;
  readonly notes: TokenNotes;
}

export const clientOf = ({ settings }: Pick<Upstream, 'settings'>): oauth.Client => ({ client_id: settings.clientId });

/** RFC 8414 section 2: in the header where nothing else is published. */
export const authenticationOf = (
  { settings }: Pick<Upstream, 'settings'>,
  metadata: oauth.AuthorizationServer,
): oauth.ClientAuth => {
  if (settings.clientSecret === null) return oauth.None();
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const inHeader = methods.includes('client_secret_basic') || !methods.includes('client_secret_post');
  return inHeader ? oauth.ClientSecretBasic(settings.clientSecret) : oauth.ClientSecretPost(settings.clientSecret);
};

/** Whether the issuer owes an ID token. */
export const asksForIdToken = ({ settings }: Pick<Upstream, 'settings'>): boolean => settings.scopes.includes('openid');
