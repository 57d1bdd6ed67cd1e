import type { SessionSettings } from './settings.ts';

/** Where the person signs in. */
export const addressOf = (session: SessionSettings): string =>
  session.provider === 'britive' ? session.baseUrl : session.startUrl;

/** By which the person knows the upstream, in messages. */
export function hostOf(session: SessionSettings): string {
  const address = addressOf(session);
  return URL.canParse(address) ? new URL(address).host : address;
}
