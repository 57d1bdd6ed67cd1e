/** The upstreams of AWS, emulated on one loopback port: IAM Identity Center (OIDC and portal), STS, EKS, and the pages a person sees. */
import { fastify } from 'fastify';
import { AuthorizationCodes } from './authorization-codes.ts';
import { assembleTenant, type Tenant, tenantOf } from './britive/index.ts';
import { addTenantRoutes } from './britive/routes.ts';
import { Clients } from './clients.ts';
import { configText } from './config-text.ts';
import { Devices } from './devices.ts';
import { Faults } from './faults.ts';
import { assembleIssuer, type Issuer, issuerOf } from './issuer/index.ts';
import { addIssuerRoutes } from './issuer/routes.ts';
import { Journal } from './journal.ts';
import { Keys } from './keys.ts';
import { defaultKnobs, type Knobs } from './knobs.ts';
import { People } from './people.ts';
import { addRoutes, type Parts } from './routes.ts';
import { SecondFactors } from './second-factors.ts';
import { SignIns } from './sign-ins.ts';
import { Proofs } from './signin/dpop.ts';
import { Logins } from './signin/logins.ts';
import { TokenBucket } from './token-bucket.ts';

export type { Tenant } from './britive/index.ts';
export type { Fault } from './faults.ts';
export type { Issuer } from './issuer/index.ts';
export type { Entry, Journal } from './journal.ts';
export type { Knobs } from './knobs.ts';
export type { Operation } from './operations.ts';

export interface EmulatorOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** Milliseconds since the epoch. Everything that depends on time follows it, the `Date` header too. */
  readonly now: () => number;
  readonly knobs: Partial<Knobs>;
}

export interface Emulator {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The variables that lead AWS SDKs and the AWS CLI here. */
  readonly environment: Endpoints;
  /** The same for another region's endpoints: they refuse what the home region issued. */
  readonly endpointsOf: (region: string) => Endpoints;
  /** Text for an `~/.aws/config` with a session, profiles on several accounts, an assumed role and a legacy profile. */
  readonly awsConfig: () => string;
  /** May be changed at any time, and counts from then on. */
  readonly knobs: Knobs;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly people: People;
  /** Who has run `aws login`, and what became of it. */
  readonly logins: Logins;
  /** A Britive tenant on the same port. */
  readonly britive: Tenant;
  /** An OpenID provider on the same port. */
  readonly issuer: Issuer;
  /** Closes open connections too. */
  readonly close: () => Promise<void>;
}

interface Endpoints {
  readonly AWS_ENDPOINT_URL_SSO_OIDC: string;
  readonly AWS_ENDPOINT_URL_SSO: string;
  readonly AWS_ENDPOINT_URL_STS: string;
  readonly AWS_ENDPOINT_URL_EKS: string;
  /** The console's federation endpoint is there, too. */
  readonly AWS_ENDPOINT_URL_SIGNIN: string;
}

export async function startEmulator({ port, now, knobs: chosen }: EmulatorOptions): Promise<Emulator> {
  const knobs = { ...defaultKnobs(), ...chosen };
  const parts = assemble(knobs, now);
  const service = { journal: new Journal(), faults: new Faults(), now, homeRegion: () => knobs.region };
  const app = fastify({ forceCloseConnections: true, exposeHeadRoutes: false });
  app.removeAllContentTypeParsers();
  // Handlers read the body themselves: signatures cover its bytes, and its faults have the service's own answers.
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  addRoutes(app, service, parts);
  const tenant = assembleTenant({ people: knobs, keys: parts.keys, now });
  addTenantRoutes(app, service, tenant);
  const issuer = assembleIssuer({ people: knobs, now, origin: () => app.listeningOrigin });
  addIssuerRoutes(app, service, issuer);
  const url = await app.listen({ host: '127.0.0.1', port });
  return {
    url,
    environment: endpoints(url),
    endpointsOf: (region) => endpoints(`${url}/regions/${region}`),
    awsConfig: () => configText(knobs),
    knobs,
    faults: service.faults,
    journal: service.journal,
    people: new People(parts),
    logins: parts.logins,
    britive: tenantOf(url, tenant),
    issuer: issuerOf(issuer),
    close: () => app.close(),
  };
}

function assemble(knobs: Knobs, now: () => number): Parts {
  const signIns = new SignIns(knobs, now);
  const keys = new Keys(knobs, now);
  return {
    knobs,
    now,
    signIns,
    clients: new Clients(knobs, now),
    devices: new Devices(knobs, signIns, now),
    codes: new AuthorizationCodes(knobs, signIns, now),
    keys,
    logins: new Logins({ knobs, keys, now }),
    proofs: new Proofs(now),
    signinTokens: new Map(),
    secondFactors: new SecondFactors(knobs, now),
    bucket: new TokenBucket(knobs, now),
  };
}

const endpoints = (base: string): Endpoints => ({
  AWS_ENDPOINT_URL_SSO_OIDC: `${base}/oidc`,
  AWS_ENDPOINT_URL_SSO: `${base}/portal`,
  AWS_ENDPOINT_URL_STS: `${base}/sts`,
  AWS_ENDPOINT_URL_EKS: `${base}/eks`,
  AWS_ENDPOINT_URL_SIGNIN: `${base}/signin`,
});
