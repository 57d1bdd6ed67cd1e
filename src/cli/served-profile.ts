import { didYouMean } from '../../config/closest.ts';
import { BrokerError } from '../core/errors.ts';
import type { ProfileView, StatusView } from '../core/views.ts';
import { findProfile } from './endpoint.ts';

/** Throws `ProfileNotFound`. */
export function knownProfile(status: StatusView, name: string): ProfileView {
  const profile = findProfile(status, name);
  if (profile !== null) return profile;
  const names = status.profiles.map((each) => each.name);
  const near = didYouMean(name, names);
  throw new BrokerError('ProfileNotFound', `No profile "${name}"${near}. Run: credbroker profiles`);
}

/** Throws `ProfileNotFound`, or `ConfigInvalid` with the profile's own problem. */
export function servedProfile(status: StatusView, name: string): ProfileView {
  const profile = knownProfile(status, name);
  if (profile.state !== 'unserved') return profile;
  throw new BrokerError(
    'ConfigInvalid',
    profile.lastError ?? `Profile "${name}" is not served. Run: credbroker status`,
  );
}
