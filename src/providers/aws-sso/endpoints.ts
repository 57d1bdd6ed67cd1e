import type { SsoSessionSettings } from '../../core/settings.ts';
import { baseUrl, dnsSuffix } from '../aws-endpoints.ts';

type Endpoints = Pick<SsoSessionSettings, 'oidcEndpoint' | 'portalEndpoint'>;

/** Without a trailing slash, so that a path can follow. */
export const oidcUrl = (endpoints: Endpoints, region: string): string =>
  baseUrl(endpoints.oidcEndpoint ?? `https://oidc.${region}.${dnsSuffix(region)}`);

/** Without a trailing slash, so that a path can follow. */
export const portalUrl = (endpoints: Endpoints, region: string): string =>
  baseUrl(endpoints.portalEndpoint ?? `https://portal.sso.${region}.${dnsSuffix(region)}`);
