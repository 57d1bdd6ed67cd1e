import type { Verdict } from '../../core/types.ts';
import type { StsCall } from './call.ts';
import { denied } from './errors.ts';
import type { MfaSessions } from './mfa-sessions.ts';
import type { OneTimePasswords } from './one-time-passwords.ts';
import type { StsDependencies, StsTarget } from './types.ts';

/** What the leases of one provider share. */
export interface Parts {
  readonly dependencies: StsDependencies;
  readonly passwords: OneTimePasswords;
  readonly sessions: MfaSessions;
}

export const hourSeconds = 3600;

export const halfDaySeconds = 12 * hourSeconds;

export const secondsOf = (durationMs: number | null, usual: number): number =>
  durationMs === null ? usual : Math.floor(durationMs / 1000);

export const callOf = (
  { dependencies }: Parts,
  target: StsTarget,
  { keys, signal }: Pick<StsCall, 'keys' | 'signal'>,
): StsCall => ({ http: dependencies, target, keys, signal });

/** No session of ours renews them, so a refusal is the last word; `whose` says what to look at. */
export const aboutOwnKeys = <T>(whose: string, verdict: Verdict<T>): Verdict<T> =>
  verdict.type === 'unauthorized' ? denied('forbidden', `AWS refuses ${whose}`) : verdict;

export const storedKeys = (name: string): string => `the stored keys "${name}"; store new ones`;
