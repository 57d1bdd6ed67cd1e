import { awsSso } from './aws-sso/index.ts';
import type { ProviderDependencies } from './provider.ts';

/** Every provider under the name that a session's settings give. */
export const openProviders = (dependencies: ProviderDependencies) => ({
  'aws-sso': awsSso(dependencies),
});
