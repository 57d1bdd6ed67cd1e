/** The device authorization grant (RFC 8628), issuer side. */
import { opaque, userCode } from '../random.ts';
import { oauthError } from './errors.ts';
import type { IssuerClient, IssuerKnobs } from './knobs.ts';
import type { Approval, IssuerSignIns, SignIn } from './sign-ins.ts';

/** Timers of well-behaved clients fire a little early. */
const pollSlackMs = 100;
const slowDownMs = 5000;

export interface Device extends Approval {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly expiresAt: number;
  readonly intervalMs: number;
  readonly lastPollAt: number;
  readonly decision: 'pending' | 'denied' | 'approved' | 'redeemed';
}

export class IssuerDevices {
  readonly #byCode = new Map<string, Device>();
  readonly #knobs: IssuerKnobs;
  readonly #signIns: IssuerSignIns;
  readonly #now: () => number;

  constructor(knobs: IssuerKnobs, signIns: IssuerSignIns, now: () => number) {
    this.#knobs = knobs;
    this.#signIns = signIns;
    this.#now = now;
  }

  start(approval: Approval): Device {
    const now = this.#now();
    const device: Device = {
      ...approval,
      deviceCode: opaque(40),
      userCode: userCode(),
      expiresAt: now + this.#knobs.deviceLifeMs,
      intervalMs: this.#knobs.deviceIntervalMs,
      lastPollAt: Number.NEGATIVE_INFINITY,
      decision: 'pending',
    };
    this.#byCode.set(device.deviceCode, device);
    return device;
  }

  /** The devices that wait for a person. */
  pending(): readonly Device[] {
    return [...this.#byCode.values()].filter((device) => device.decision === 'pending' && !this.#isExpired(device));
  }

  /** People type codes in lower case and without the hyphen. */
  findPending(code: string): Device | undefined {
    const plain = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z]/g, '');
    return this.pending().find((device) => plain(device.userCode) === plain(code));
  }

  decide(device: Device, allow: boolean): void {
    this.#change(device, { decision: allow ? 'approved' : 'denied' });
  }

  expire(device: Device): void {
    this.#change(device, { expiresAt: this.#now() });
  }

  /** One poll of the token endpoint. Succeeds once. */
  redeem(deviceCode: string, client: IssuerClient): SignIn {
    const device = this.#byCode.get(deviceCode);
    if (device?.client.clientId !== client.clientId || device.decision === 'redeemed') {
      throw oauthError('invalid_grant', 'The device code is unknown or was used already');
    }
    if (device.decision === 'denied') throw oauthError('access_denied', 'The person refused the request');
    if (this.#isExpired(device)) throw oauthError('expired_token', 'The device code has expired');
    this.#countPoll(device);
    if (device.decision === 'pending') throw oauthError('authorization_pending', 'The person has not decided yet');
    this.#change(device, { decision: 'redeemed' });
    return this.#signIns.begin(device);
  }

  /** RFC 8628, 3.5: who was told to slow down waits five seconds longer from then on. */
  #countPoll(device: Device): void {
    const tooFast = this.#now() - device.lastPollAt < device.intervalMs - pollSlackMs;
    this.#change(device, {
      lastPollAt: this.#now(),
      intervalMs: tooFast ? device.intervalMs + slowDownMs : device.intervalMs,
    });
    if (tooFast) throw oauthError('slow_down', 'Polling too fast');
  }

  #change(device: Device, change: Partial<Device>): void {
    const current = this.#byCode.get(device.deviceCode) ?? device;
    this.#byCode.set(device.deviceCode, { ...current, ...change });
  }

  #isExpired(device: Device): boolean {
    return this.#now() >= device.expiresAt;
  }
}
