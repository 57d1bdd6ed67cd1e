/** Static keys from the secret store, which nobody gets: what is handed out are sessions that end. */
import type { Credentials, Verdict } from '../../core/types.ts';
import type { SigningKeys } from '../sigv4.ts';
import type { MfaSession } from './mfa-sessions.ts';
import { parseSessionToken, requestSessionToken } from './operations.ts';
import { aboutOwnKeys, callOf, halfDaySeconds, type Parts, secondsOf, storedKeys } from './parts.ts';
import type { KeysSettings, StsLease, StsRequest } from './types.ts';

export const openKeys = (parts: Parts, settings: KeysSettings): StsLease => ({
  renewal: 'overlap',
  prefetch: settings.mfaSerial === null,
  acquire: async (request) => {
    const stored = await parts.dependencies.readKeys(settings.keys);
    if (stored.type !== 'ok') return stored;
    return aboutOwnKeys(storedKeys(settings.keys), await session(parts, settings, { ...request, keys: stored.value }));
  },
});

const session = async (
  parts: Parts,
  settings: KeysSettings,
  { keys, wish, signal }: StsRequest & { readonly keys: SigningKeys },
): Promise<Verdict<Credentials>> => {
  const call = callOf(parts, settings, { keys, signal });
  const { mfaSerial: serial } = settings;
  const seconds = secondsOf(settings.durationMs, halfDaySeconds);
  if (serial === null) return parseSessionToken(await requestSessionToken(call, seconds, null));
  const now = parts.dependencies.clock.now();
  // One that a renewal would replace is no renewal.
  const suffices = ({ credentials, lifeMs }: MfaSession): boolean =>
    wish?.force !== true && credentials.expiresAt - now > lifeMs / 2;
  return parts.sessions.obtain({ call, keys, serial, seconds, wish, suffices });
};
