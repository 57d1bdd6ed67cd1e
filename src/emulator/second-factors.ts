import type { Knobs } from './knobs.ts';
import { stepMs, totp } from './totp.ts';

/** A code's step has just ended when a person types slowly. */
const steps = [0, -1];

/** The users' MFA devices, and which of their codes are spent. */
export class SecondFactors {
  readonly #spent = new Map<string, number>();
  readonly #knobs: Knobs;
  readonly #now: () => number;

  constructor(knobs: Knobs, now: () => number) {
    this.#knobs = knobs;
    this.#now = now;
  }

  isDeviceOf(userArn: string, serial: string): boolean {
    return this.#find(serial)?.userArn === userArn;
  }

  /** True once for each code. */
  accept(serial: string, code: string): boolean {
    const secret = this.#find(serial)?.secret;
    if (secret === undefined) return false;
    const current = Math.floor(this.#now() / stepMs);
    const step = steps.map((offset) => current + offset).find((at) => totp(secret, at * stepMs) === code);
    if (step === undefined || step <= (this.#spent.get(serial) ?? Number.NEGATIVE_INFINITY)) return false;
    this.#spent.set(serial, step);
    return true;
  }

  #find(serial: string) {
    return this.#knobs.mfaDevices.find((device) => device.serial === serial);
  }
}
