/** An OAuth 2.0 authorization server and OpenID provider, with an API that trusts it. */
import type { Knobs } from '../knobs.ts';
import { Authorizations } from './authorizations.ts';
import { IssuerDevices } from './devices.ts';
import { defaultIssuerKnobs, type IssuerKnobs } from './knobs.ts';
import type { IssuerParts } from './parts.ts';
import { IssuerPeople } from './people.ts';
import { issuerPath } from './routes.ts';
import { IssuerSignIns } from './sign-ins.ts';
import { SigningKeys } from './signing-keys.ts';

export interface Issuer {
  /** The issuer identifier: `http://127.0.0.1:PORT/issuer` */
  readonly url: string;
  /** May be changed at any time, and counts from then on. */
  readonly knobs: IssuerKnobs;
  readonly people: IssuerPeople;
}

export interface IssuerOptions {
  readonly people: Pick<Knobs, 'autoApprove' | 'userName'>;
  readonly now: () => number;
  /** Where the emulator listens, once it does. */
  readonly origin: () => string;
}

export function assembleIssuer({ people, now, origin }: IssuerOptions): IssuerParts {
  const knobs = defaultIssuerKnobs();
  const signIns = new IssuerSignIns(knobs, now);
  return {
    knobs,
    people,
    now,
    url: () => origin() + issuerPath,
    signIns,
    authorizations: new Authorizations(knobs, signIns, now),
    devices: new IssuerDevices(knobs, signIns, now),
    keys: new SigningKeys(knobs),
  };
}

export const issuerOf = (parts: IssuerParts): Issuer => ({
  url: parts.url(),
  knobs: parts.knobs,
  people: new IssuerPeople(parts),
});
