import type { SsoProfileSettings, SsoSessionSettings } from '../../core/settings.ts';
import type { Provider, ProviderDependencies } from '../provider.ts';
import { readCatalogue } from './catalogue.ts';
import { openProfile } from './profile.ts';
import { openSession } from './session.ts';

/** IAM Identity Center. */
export const awsSso = (dependencies: ProviderDependencies): Provider<SsoSessionSettings, SsoProfileSettings> => ({
  openSession: (settings) => openSession({ dependencies, settings }),
  openProfile: (profile, settings) => openProfile({ dependencies, settings }, profile),
  catalogue: (settings, request) => readCatalogue({ dependencies, settings }, request),
});
