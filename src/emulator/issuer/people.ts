import type { Device } from './devices.ts';
import type { IssuerParts } from './parts.ts';

type Parts = Pick<IssuerParts, 'authorizations' | 'devices' | 'keys' | 'signIns'>;

/** What the person at the browser and the issuer's administrator do, without pages. */
export class IssuerPeople {
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
    this.#parts.authorizations.expireAll();
  }

  /** Neither refresh tokens nor access tokens are good any longer. */
  endSessions(): void {
    this.#parts.signIns.end(() => true);
  }

  /** The access tokens are refused, a refresh brings a good one. */
  revokeAccessTokens(): void {
    this.#parts.signIns.revokeAccessTokens();
  }

  /** The refresh tokens are refused, the access tokens are good until their time. */
  forgetRefreshTokens(): void {
    this.#parts.signIns.forgetRefreshTokens();
  }

  /** Another key signs from now on; the one before is still published. */
  rotateKeys(): void {
    this.#parts.keys.rotate();
  }

  withdrawOldKeys(): void {
    this.#parts.keys.withdrawOld();
  }

  #device(userCode: string): Device {
    const device = this.#parts.devices.findPending(userCode);
    if (device === undefined) throw new Error(`No device waits with the code "${userCode}"`);
    return device;
  }
}
