import type { SessionSettings } from './settings.ts';

/** Where the person signs in. */
export function addressOf(session: SessionSettings): string {
  switch (session.provider) {
    case 'aws-sso':
      return session.startUrl;
    case 'britive':
      return session.baseUrl;
    case 'oidc':
      return session.issuer;
  }
}

/** By which the person knows the upstream, in messages. */
export function hostOf(session: SessionSettings): string {
  const address = addressOf(session);
  return URL.canParse(address) ? new URL(address).host : address;
}
