/** The OIDC service's three JSON operations. */
import type { AuthorizationCodes } from './authorization-codes.ts';
import { type Answer, type Handler, json } from './call.ts';
import { type Client, type Clients, grants, mayUse } from './clients.ts';
import type { Devices } from './devices.ts';
import { oidcError } from './errors.ts';
import { jsonBody, optionalText, requiredText, textList } from './json-body.ts';
import type { Knobs } from './knobs.ts';
import { isLoopbackRedirect } from './redirects.ts';
import type { IssuedTokens, SignIns } from './sign-ins.ts';

export interface OidcParts {
  readonly knobs: Knobs;
  readonly clients: Clients;
  readonly devices: Devices;
  readonly codes: AuthorizationCodes;
  readonly signIns: SignIns;
}

type Body = ReturnType<typeof jsonBody>;

const knownGrants: readonly string[] = Object.values(grants);
const scopePattern = /^[a-z0-9-]+:[\w:*-]+$/;
const startUrlPattern = /^https:\/\/[a-z0-9-]+\.awsapps\.com\/start\/?#?\/?$/;

export const registerClient =
  ({ clients }: OidcParts): Handler =>
  (call) => {
    const body = jsonBody(call);
    if (requiredText(body, 'clientType') !== 'public') {
      throw oidcError('InvalidClientMetadataException', 'Only public clients may register');
    }
    const client = clients.register({
      clientName: requiredText(body, 'clientName'),
      scopes: checkedScopes(textList(body, 'scopes')),
      ...checkedGrants(body),
    });
    return json(200, {
      clientId: client.clientId,
      clientSecret: client.clientSecret,
      clientIdIssuedAt: Math.floor(client.issuedAt / 1000),
      clientSecretExpiresAt: Math.floor(client.expiresAt / 1000),
    });
  };

export const startDeviceAuthorization =
  ({ clients, devices, knobs }: OidcParts, pageUrl: () => string): Handler =>
  (call) => {
    const body = jsonBody(call);
    const client = authenticated(clients, body);
    const startUrl = requiredText(body, 'startUrl');
    if (!startUrlPattern.test(startUrl) || call.region !== knobs.region) {
      throw oidcError('InvalidRequestException', 'Invalid start url provided');
    }
    if (!mayUse(client, grants.device))
      throw oidcError('UnauthorizedClientException', 'Client may not use device codes');
    const device = devices.start(client, startUrl);
    return json(200, {
      deviceCode: device.deviceCode,
      userCode: device.userCode,
      verificationUri: pageUrl(),
      verificationUriComplete: `${pageUrl()}?user_code=${device.userCode}`,
      expiresIn: Math.floor(device.lifeMs / 1000),
      interval: Math.ceil(device.intervalMs / 1000),
    });
  };

export const createToken =
  (parts: OidcParts): Handler =>
  (call) => {
    const body = jsonBody(call);
    const grantType = requiredText(body, 'grantType');
    const client = authenticated(parts.clients, body);
    if (!knownGrants.includes(grantType)) throw oidcError('UnsupportedGrantTypeException', 'Unsupported grant type');
    if (!mayUse(client, grantType))
      throw oidcError('UnauthorizedClientException', 'Client is not registered for this grant');
    // The reports say "Invalid token provided" whatever was presented: the region does not know it.
    if (call.region !== parts.knobs.region) throw oidcError(parts.knobs.wrongRegion, 'Invalid token provided');
    return tokenAnswer(exchange(parts, { body, client, grantType }));
  };

interface TokenRequest {
  readonly body: Body;
  readonly client: Client;
  readonly grantType: string;
}

function exchange(parts: OidcParts, { body, client, grantType }: TokenRequest): IssuedTokens {
  if (grantType === grants.device) {
    return parts.signIns.issue(parts.devices.redeem(requiredText(body, 'deviceCode'), client), client);
  }
  if (grantType === grants.code) {
    const proof = { redirectUri: requiredText(body, 'redirectUri'), codeVerifier: requiredText(body, 'codeVerifier') };
    return parts.signIns.issue(parts.codes.redeem(requiredText(body, 'code'), client, proof), client);
  }
  return parts.signIns.refresh(requiredText(body, 'refreshToken'), client);
}

const tokenAnswer = ({ accessToken, lifeMs, refreshToken }: IssuedTokens): Answer =>
  json(200, {
    accessToken,
    tokenType: 'Bearer',
    expiresIn: Math.floor(lifeMs / 1000),
    ...(refreshToken !== null && { refreshToken }),
  });

const authenticated = (clients: Clients, body: Body): Client =>
  clients.authenticate(requiredText(body, 'clientId'), requiredText(body, 'clientSecret'));

function checkedScopes(scopes: readonly string[]): readonly string[] {
  if (!scopes.every((scope) => scopePattern.test(scope))) throw oidcError('InvalidScopeException', 'Invalid scope');
  return scopes;
}

function checkedGrants(body: Body) {
  const grantTypes = textList(body, 'grantTypes');
  const redirectUris = textList(body, 'redirectUris');
  const issuerUrl = optionalText(body, 'issuerUrl');
  if (!grantTypes.every((grant) => knownGrants.includes(grant))) {
    throw oidcError('UnsupportedGrantTypeException', 'Unsupported grant type');
  }
  const usesBrowser = grantTypes.includes(grants.code);
  if (!redirectUris.every(isLoopbackRedirect) || (usesBrowser && redirectUris.length === 0)) {
    throw oidcError('InvalidRedirectUriException', 'Redirect URIs must be http://127.0.0.1 with a path');
  }
  if (usesBrowser && (issuerUrl === null || !startUrlPattern.test(issuerUrl))) {
    throw oidcError('InvalidRequestException', 'Invalid issuer url provided');
  }
  return { grantTypes, redirectUris, issuerUrl };
}
