import type { Knobs } from '../knobs.ts';
import type { Authorizations } from './authorizations.ts';
import type { IssuerDevices } from './devices.ts';
import type { IssuerKnobs } from './knobs.ts';
import type { IssuerSignIns } from './sign-ins.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Everything the issuer's handlers work with. */
export interface IssuerParts {
  readonly knobs: IssuerKnobs;
  readonly people: Pick<Knobs, 'autoApprove' | 'userName'>;
  readonly now: () => number;
  /** The issuer identifier; known once the emulator listens. */
  readonly url: () => string;
  readonly signIns: IssuerSignIns;
  readonly authorizations: Authorizations;
  readonly devices: IssuerDevices;
  readonly keys: SigningKeys;
}
