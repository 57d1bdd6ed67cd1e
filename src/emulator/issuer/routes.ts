/** Which path of the issuer leads to which handler. */
import type { FastifyInstance } from 'fastify';
import type { Handler } from '../call.ts';
import type { Operation } from '../operations.ts';
import { type Service, serving } from '../serve.ts';
import { callApi, introspect, revoke, userInfo } from './api.ts';
import { authorize, decideConsent } from './authorize.ts';
import { decideDevice, showDevice } from './device-page.ts';
import { oauthMetadata, openidConfiguration, publishKeys } from './discovery.ts';
import type { IssuerParts } from './parts.ts';
import { issueTokens, startDevice } from './token-endpoint.ts';

/** The path of the issuer's identifier. */
export const issuerPath = '/issuer';

type Endpoint = readonly [method: 'GET' | 'POST', path: string, operation: Operation, handle: Handler];

export function addIssuerRoutes(app: FastifyInstance, service: Service, parts: IssuerParts): void {
  for (const [method, url, operation, handle] of endpoints(parts)) {
    app.route({ method, url, handler: serving(service, { operationOf: () => operation, handle }) });
  }
}

const endpoints = (parts: IssuerParts): readonly Endpoint[] => [
  ['GET', `${issuerPath}/.well-known/openid-configuration`, 'IssuerDiscovery', openidConfiguration(parts)],
  // RFC 8414, 3: before the path of the identifier, not behind it.
  ['GET', `/.well-known/oauth-authorization-server${issuerPath}`, 'IssuerDiscovery', oauthMetadata(parts)],
  ['GET', `${issuerPath}/jwks`, 'IssuerKeys', publishKeys(parts)],
  ['GET', `${issuerPath}/authorize`, 'IssuerAuthorize', authorize(parts)],
  ['POST', `${issuerPath}/consent`, 'IssuerConsentPage', decideConsent(parts)],
  ['POST', `${issuerPath}/token`, 'IssuerToken', issueTokens(parts)],
  ['POST', `${issuerPath}/device_authorization`, 'IssuerDeviceAuthorization', startDevice(parts)],
  ['GET', `${issuerPath}/device`, 'IssuerDevicePage', showDevice(parts)],
  ['POST', `${issuerPath}/device`, 'IssuerDevicePage', decideDevice(parts)],
  ['GET', `${issuerPath}/userinfo`, 'IssuerUserInfo', userInfo(parts)],
  ['POST', `${issuerPath}/userinfo`, 'IssuerUserInfo', userInfo(parts)],
  ['POST', `${issuerPath}/introspect`, 'IssuerIntrospect', introspect(parts)],
  ['POST', `${issuerPath}/revoke`, 'IssuerRevoke', revoke(parts)],
  ['GET', `${issuerPath}/api`, 'IssuerApi', callApi(parts)],
  ['GET', `${issuerPath}/api/*`, 'IssuerApi', callApi(parts)],
];
