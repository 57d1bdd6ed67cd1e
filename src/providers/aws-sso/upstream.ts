import type { SsoSessionSettings } from '../../core/settings.ts';
import type { SessionRecord } from '../../core/types.ts';
import { isRegion } from '../aws-endpoints.ts';
import type { ProviderDependencies } from '../provider.ts';
import { portalUrl } from './endpoints.ts';
import type { PortalCall } from './portal.ts';

/** One session's Identity Center, and what it takes to reach it. */
export interface Upstream {
  readonly dependencies: ProviderDependencies;
  readonly settings: SsoSessionSettings;
}

/** Where the record's tokens were issued comes before what the settings say now. */
export const portalCall = (
  { dependencies, settings }: Upstream,
  record: Pick<SessionRecord, 'accessToken' | 'region'>,
  signal: AbortSignal,
): PortalCall => ({
  http: dependencies,
  endpoint: portalUrl(settings, isRegion(record.region) ? record.region : settings.region),
  accessToken: record.accessToken,
  signal,
});
