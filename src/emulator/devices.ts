/** The device authorization grant (RFC 8628), server side. */
import type { Client } from './clients.ts';
import { oidcError } from './errors.ts';
import type { Knobs } from './knobs.ts';
import { opaque, userCode } from './random.ts';
import type { PortalSession, SignIns } from './sign-ins.ts';

/** Timers of well-behaved clients fire a little early. */
const pollSlackMs = 100;
const slowDownMs = 5000;

export interface Device {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly client: Client;
  readonly startUrl: string;
  readonly lifeMs: number;
  readonly expiresAt: number;
  readonly intervalMs: number;
  /** Null before the first poll, and after it: the AWS CLI asks once to see whether it may, and at once again. */
  readonly lastPollAt: number | null;
  readonly polled: boolean;
  readonly decision: Decision;
}

type Decision =
  | { readonly type: 'pending' }
  | { readonly type: 'denied' }
  | { readonly type: 'approved'; readonly session: PortalSession }
  | { readonly type: 'redeemed' };

export class Devices {
  readonly #byCode = new Map<string, Device>();
  readonly #knobs: Knobs;
  readonly #signIns: SignIns;
  readonly #now: () => number;

  constructor(knobs: Knobs, signIns: SignIns, now: () => number) {
    this.#knobs = knobs;
    this.#signIns = signIns;
    this.#now = now;
  }

  start(client: Client, startUrl: string): Device {
    const lifeMs = this.#knobs.deviceLifeMs;
    const device: Device = {
      deviceCode: opaque(90),
      userCode: userCode(),
      client,
      startUrl,
      lifeMs,
      expiresAt: this.#now() + lifeMs,
      intervalMs: this.#knobs.deviceIntervalMs,
      lastPollAt: null,
      polled: false,
      decision: this.#knobs.autoApprove ? this.#approval(startUrl) : { type: 'pending' },
    };
    this.#byCode.set(device.deviceCode, device);
    return device;
  }

  /** The devices that wait for a person. */
  pending(): readonly Device[] {
    return [...this.#byCode.values()].filter(
      (device) => device.decision.type === 'pending' && !this.#isExpired(device),
    );
  }

  /** People type codes in lower case and without the hyphen. */
  findPending(code: string): Device | undefined {
    const plain = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z]/g, '');
    return this.pending().find((device) => plain(device.userCode) === plain(code));
  }

  decide(device: Device, allow: boolean): void {
    this.#change(device, { decision: allow ? this.#approval(device.startUrl) : { type: 'denied' } });
  }

  expire(device: Device): void {
    this.#change(device, { expiresAt: this.#now() });
  }

  /** One poll of the token endpoint. Succeeds once. */
  redeem(deviceCode: string, client: Client): PortalSession {
    const device = this.#byCode.get(deviceCode);
    if (device === undefined || device.client.clientId !== client.clientId || device.decision.type === 'redeemed') {
      throw oidcError('InvalidGrantException', 'Invalid device code provided');
    }
    if (device.decision.type === 'denied') throw oidcError('AccessDeniedException', 'The person refused the request');
    if (this.#isExpired(device)) throw oidcError('ExpiredTokenException', 'Device code has expired');
    this.#countPoll(device);
    if (device.decision.type === 'pending') throw oidcError('AuthorizationPendingException', 'Waiting for the person');
    this.#change(device, { decision: { type: 'redeemed' } });
    return device.decision.session;
  }

  /** RFC 8628, 3.5: who was told to slow down waits five seconds longer from then on. */
  #countPoll(device: Device): void {
    const wait = this.#now() - (device.lastPollAt ?? Number.NEGATIVE_INFINITY);
    const tooFast = wait < device.intervalMs - pollSlackMs;
    const intervalMs = tooFast ? device.intervalMs + slowDownMs : device.intervalMs;
    this.#change(device, { lastPollAt: device.polled ? this.#now() : null, polled: true, intervalMs });
    if (tooFast) throw oidcError('SlowDownException', 'Polling too fast');
  }

  #approval(startUrl: string): Decision {
    return { type: 'approved', session: this.#signIns.signIn(startUrl) };
  }

  #change(device: Device, change: Partial<Device>): void {
    const current = this.#byCode.get(device.deviceCode) ?? device;
    this.#byCode.set(device.deviceCode, { ...current, ...change });
  }

  #isExpired(device: Device): boolean {
    return this.#now() >= device.expiresAt;
  }
}
