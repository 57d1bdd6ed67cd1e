import { hours, minutes } from '../support/fake-clock.ts';

/** Milliseconds as people say them. */
export const span = (ms: number): string =>
  ms >= hours(1) && ms % hours(1) === 0 ? `${ms / hours(1)} h` : `${ms / minutes(1)} min`;
