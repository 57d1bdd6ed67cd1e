/** How the SDKs behave towards a container endpoint or a `credential_process`. */
import { hours, minutes, seconds } from '../support/fake-clock.ts';

export interface Sdk {
  readonly name: string;
  readonly holdMs: number;
  /** Asks again when less than this is left. */
  readonly windowMs: (lifeMs: number) => number;
  /** Between two of its own requests while it is inside its window. */
  readonly everyMs: number;
  readonly retries: number;
  /** Some ask again whatever they are told. */
  readonly retriesOfRefusals: number;
}

const tiers = (lifeMs: number): number => minutes(lifeMs >= minutes(90) ? 60 : lifeMs > minutes(20) ? 15 : 5);

/** After so many tries it gives up: those that any failure is worth, and those that a refusal is worth. */
const patience = (retries: number, retriesOfRefusals = 0): Pick<Sdk, 'retries' | 'retriesOfRefusals'> => ({
  retries,
  retriesOfRefusals,
});

const always = (): number => hours(24);
const lastMinutes = (count: number) => (): number => minutes(count);

/** They ask on every signed request once their credentials run low. */
export const busy: readonly [Sdk, Sdk] = [
  { name: 'botocore', holdMs: 1_700, windowMs: lastMinutes(15), everyMs: seconds(40), ...patience(3, 3) },
  { name: 'Java', holdMs: 800, windowMs: lastMinutes(15), everyMs: seconds(25), ...patience(5) },
];

export const sdks: readonly [Sdk, ...Sdk[]] = [
  ...busy,
  { name: 'JavaScript', holdMs: 800, windowMs: lastMinutes(5), everyMs: seconds(30), ...patience(3) },
  { name: 'Rust', holdMs: 4_500, windowMs: tiers, everyMs: minutes(5), ...patience(2) },
  { name: 'Go', holdMs: seconds(10), windowMs: tiers, everyMs: minutes(5), ...patience(2) },
  { name: 'a short script', holdMs: 800, windowMs: always, everyMs: minutes(2), ...patience(0) },
  { name: 'credential_process', holdMs: seconds(55), windowMs: always, everyMs: minutes(6), ...patience(0) },
];
