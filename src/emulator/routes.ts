/** Which path leads to which handler. */
import type { FastifyInstance } from 'fastify';
import { authorize, decideSignIn } from './authorize.ts';
import type { Handler } from './call.ts';
import { decideDevice, showDevice } from './device-page.ts';
import { describeCluster, type EksParts, listClusters } from './eks.ts';
import { protocolError } from './errors.ts';
import { createToken, type OidcParts, registerClient, startDeviceAuthorization } from './oidc.ts';
import type { Operation } from './operations.ts';
import { getRoleCredentials, listAccountRoles, listAccounts, logout, type PortalParts } from './portal.ts';
import { type Route, type Service, serving } from './serve.ts';
import { type FederationParts, federation, federationOperation } from './signin/federation.ts';
import { createOAuth2Token, type SigninParts } from './signin/token.ts';
import { type StsParts, sts, stsOperation } from './sts.ts';

export type Parts = OidcParts & PortalParts & StsParts & EksParts & SigninParts & FederationParts;

interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly operation: Operation;
  readonly handle: Handler;
}

/** The services once at the root, for the home region, and once under `/regions/{region}`; the pages belong to no region. */
export function addRoutes(app: FastifyInstance, service: Service, parts: Parts): void {
  const add = (method: Endpoint['method'][], url: string, route: Route): void => {
    app.route({ method, url, handler: serving(service, route) });
  };
  const addAll = (prefix: string, endpoints: readonly Endpoint[]): void => {
    for (const { method, path, operation, handle } of endpoints) {
      add([method], prefix + path, { operationOf: () => operation, handle });
    }
  };
  addAll('', pages(parts));
  for (const prefix of ['', '/regions/:region']) {
    addAll(prefix, [...oidc(parts, () => `${app.listeningOrigin}/device`), ...portal(parts), ...eks(parts)]);
    addAll(prefix, [post('/signin/v1/token', 'CreateOAuth2Token', createOAuth2Token(parts))]);
    add(['GET', 'POST'], `${prefix}/signin/federation`, federationRoute(parts));
    // botocore adds a slash to an endpoint with a path, the other SDKs do not.
    for (const path of ['/sts', '/sts/']) add(['GET', 'POST'], prefix + path, stsRoute(parts));
  }
  app.setNotFoundHandler(serving(service, { operationOf: () => 'Unknown', handle: refuseUnknown }));
}

const stsRoute = (parts: StsParts): Route => ({ operationOf: stsOperation, handle: sts(parts) });

const federationRoute = (parts: FederationParts): Route => ({
  operationOf: federationOperation,
  handle: federation(parts),
});

const oidc = (parts: OidcParts, devicePageUrl: () => string): readonly Endpoint[] => [
  post('/oidc/client/register', 'RegisterClient', registerClient(parts)),
  post('/oidc/device_authorization', 'StartDeviceAuthorization', startDeviceAuthorization(parts, devicePageUrl)),
  post('/oidc/token', 'CreateToken', createToken(parts)),
  get('/oidc/authorize', 'Authorize', authorize(parts)),
];

const pages = (parts: OidcParts): readonly Endpoint[] => [
  post('/signin', 'SignInPage', decideSignIn(parts.codes)),
  get('/device', 'DevicePage', showDevice(parts.knobs, parts.devices)),
  post('/device', 'DevicePage', decideDevice(parts.devices)),
];

const portal = (parts: PortalParts): readonly Endpoint[] => [
  get('/portal/federation/credentials', 'GetRoleCredentials', getRoleCredentials(parts)),
  get('/portal/assignment/accounts', 'ListAccounts', listAccounts(parts)),
  get('/portal/assignment/roles', 'ListAccountRoles', listAccountRoles(parts)),
  post('/portal/logout', 'Logout', logout(parts)),
];

const eks = (parts: EksParts): readonly Endpoint[] => [
  get('/eks/clusters', 'ListClusters', listClusters(parts)),
  get('/eks/clusters/:name', 'DescribeCluster', describeCluster(parts)),
];

function get(path: string, operation: Operation, handle: Handler): Endpoint {
  return { method: 'GET', path, operation, handle };
}

function post(path: string, operation: Operation, handle: Handler): Endpoint {
  return { method: 'POST', path, operation, handle };
}

const refuseUnknown: Handler = () => {
  throw protocolError('UnknownOperationException');
};
