/** Error answers as the services send them: SDKs of different age look at the header, at the body, or at both. */
import { json, Refused } from './call.ts';
import { element, escapeXml, xml } from './xml.ts';

const oidcErrors = {
  AccessDeniedException: { error: 'access_denied', status: 400 },
  AuthorizationPendingException: { error: 'authorization_pending', status: 400 },
  ExpiredTokenException: { error: 'expired_token', status: 400 },
  InvalidClientException: { error: 'invalid_client', status: 401 },
  InvalidClientMetadataException: { error: 'invalid_client_metadata', status: 400 },
  InvalidGrantException: { error: 'invalid_grant', status: 400 },
  InvalidRedirectUriException: { error: 'invalid_redirect_uri', status: 400 },
  InvalidRequestException: { error: 'invalid_request', status: 400 },
  InvalidScopeException: { error: 'invalid_scope', status: 400 },
  SlowDownException: { error: 'slow_down', status: 400 },
  UnauthorizedClientException: { error: 'unauthorized_client', status: 400 },
  UnsupportedGrantTypeException: { error: 'unsupported_grant_type', status: 400 },
} as const;

const portalErrors = {
  InvalidRequestException: 400,
  UnauthorizedException: 401,
  /** Real, although the service model does not know it. */
  ForbiddenException: 403,
  ResourceNotFoundException: 404,
  TooManyRequestsException: 429,
} as const;

const eksErrors = {
  ExpiredTokenException: 403,
  IncompleteSignatureException: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  UnrecognizedClientException: 403,
  InvalidParameterException: 400,
  ResourceNotFoundException: 404,
} as const;

const stsErrors = {
  AccessDenied: 403,
  /** The signer has expired. */
  ExpiredToken: 403,
  /** The web identity token has. */
  ExpiredTokenException: 400,
  IDPCommunicationError: 400,
  IncompleteSignature: 400,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  InvalidIdentityToken: 400,
  MissingAuthenticationToken: 403,
  RegionDisabledException: 403,
  SignatureDoesNotMatch: 403,
  Throttling: 400,
  ValidationError: 400,
} as const;

const coralType = (name: string, namespace: string) => ({
  'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/${namespace}/`,
});

export function oidcError(name: keyof typeof oidcErrors, description: string): Refused {
  const { error, status } = oidcErrors[name];
  const body = { error, error_description: description };
  return new Refused(name, () => json(status, body, coralType(name, 'com.amazonaws.sso.oidc')));
}

export function portalError(name: keyof typeof portalErrors, message: string): Refused {
  const namespace = 'com.amazonaws.switchboard.portal';
  const body = { message, __type: `${namespace}#${name}` };
  return new Refused(name, () => json(portalErrors[name], body, coralType(name, namespace)));
}

/** `about` are members of the error that the service model names. */
export function eksError(
  name: keyof typeof eksErrors,
  message: string,
  about: Readonly<Record<string, string>> = {},
): Refused {
  return new Refused(name, () => json(eksErrors[name], { ...about, message }, coralType(name, 'com.amazonaws.eks')));
}

/** What the HTTP layer of the REST services says before an operation is reached. */
export function protocolError(name: 'SerializationException' | 'UnknownOperationException'): Refused {
  const status = name === 'UnknownOperationException' ? 404 : 400;
  return new Refused(name, () =>
    json(status, { __type: `com.amazon.coral.service#${name}` }, coralType(name, 'com.amazon.coral.service')),
  );
}

export function stsError(code: keyof typeof stsErrors, message: string): Refused {
  const error = element(
    'Error',
    element('Type', 'Sender') + element('Code', code) + element('Message', escapeXml(message)),
  );
  return new Refused(code, (requestId) =>
    xml(stsErrors[code], 'ErrorResponse', error + element('RequestId', requestId)),
  );
}
