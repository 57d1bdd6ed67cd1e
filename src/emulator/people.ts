import type { AuthorizationCodes } from './authorization-codes.ts';
import type { Clients } from './clients.ts';
import type { Device, Devices } from './devices.ts';
import type { SignIns } from './sign-ins.ts';

interface Parts {
  readonly clients: Clients;
  readonly codes: AuthorizationCodes;
  readonly devices: Devices;
  readonly signIns: SignIns;
}

/** What the person at the browser and the administrator do, without pages. */
export class People {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The codes of the devices that wait for a person. */
  waitingCodes(): readonly string[] {
    return this.#parts.devices.pending().map((device) => device.userCode);
  }

  approve(userCode: string): void {
    this.#parts.devices.decide(this.#device(userCode), true);
  }

  deny(userCode: string): void {
    this.#parts.devices.decide(this.#device(userCode), false);
  }

  expireDevice(userCode: string): void {
    this.#parts.devices.expire(this.#device(userCode));
  }

  /** Every authorization code that was handed out and not yet redeemed. */
  expireCodes(): void {
    this.#parts.codes.expireAll();
  }

  /** The portal session ends: refreshing is refused, access tokens after the revoke lag. All of them without a start URL. */
  endSession(startUrl?: string): void {
    this.#parts.signIns.end((session) => startUrl === undefined || session.startUrl === startUrl);
  }

  /** Access tokens are refused (after the revoke lag) while the session can still be refreshed. */
  revokeTokens(): void {
    this.#parts.signIns.revokeAccessTokens(() => true);
  }

  /** As an administrator does it: all sessions and all their tokens. */
  logOutEverywhere(): void {
    this.endSession();
    this.revokeTokens();
  }

  /** No client registered so far is known any longer. */
  forgetClients(): void {
    this.#parts.clients.forgetAll();
  }

  #device(userCode: string): Device {
    const device = this.#parts.devices.findPending(userCode);
    if (device === undefined) throw new Error(`No device waits with the code "${userCode}"`);
    return device;
  }
}
