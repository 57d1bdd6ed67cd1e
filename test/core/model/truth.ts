/** The model: what the identity system would say right now, whatever the broker believes. */
import { type Credentials, epoch, type SessionRecord } from '../../../src/core/types.ts';
import { hours, seconds } from '../../support/fake-clock.ts';

/** How the network is: nobody is there, nobody answers, answers are lost, or the service has troubles of its own. */
export type Outage = 'none' | 'down' | 'hangs' | 'lost' | '5xx' | '429';

const leewayMs = seconds(30);

/** One sign-in at a time; refresh tokens rotate, the one before works for 30 s more, an older one ends the sign-in. */
export class Truth {
  outage: Outage = 'none';
  /** How many of the next answers get lost on their way. */
  losing = 0;
  away = false;
  signedOut = false;
  lifeMs = hours(1);
  readonly denied = new Set<string>();
  /** Profiles that are refused with a 401, although the session is fine. */
  readonly refusing = new Set<string>();
  readonly #now: () => number;
  readonly #access = new Map<string, number>();
  readonly #running = new Map<string, Credentials>();
  #serial = 0;
  #current = '';
  #previous = { token: '', until: 0 };
  #endsAt = 0;
  #issuedAt = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  tick = (): number => ++this.#serial;

  signIn(): SessionRecord {
    this.#access.clear();
    this.#endsAt = this.#now() + hours(12);
    this.#current = '';
    return this.#issue();
  }

  /** Null is `invalid_grant`. */
  rotate({ refreshToken }: SessionRecord): SessionRecord | null {
    if (this.takesRefresh(refreshToken)) return this.#issue();
    if (refreshToken === this.#previous.token) this.revokeGrant();
    return null;
  }

  takesAccess = (record: SessionRecord | null, marginMs = 0): boolean =>
    Math.min(this.#access.get(record?.accessToken ?? '') ?? 0, this.#endsAt) > this.#now() + marginMs;

  takesRefresh(token: string | null): boolean {
    if (!token || this.#endsAt <= this.#now()) return false;
    return token === this.#current || (token === this.#previous.token && this.#now() < this.#previous.until);
  }

  /** How long ago the newest token was issued. */
  get tokenAgeMs(): number {
    return this.#now() - this.#issuedAt;
  }

  heal(): void {
    this.outage = 'none';
    this.losing = 0;
    this.denied.clear();
    this.refusing.clear();
  }

  /** Access tokens end at once; the sign-in goes on. */
  revokeTokens(): void {
    this.#access.clear();
  }

  /** The sign-in ends at once. */
  revokeGrant(): void {
    this.#endsAt = 0;
    this.#access.clear();
  }

  /** Of an exclusive profile there is one set at a time. */
  checkOut(profile: string, exclusive: boolean): Credentials {
    const running = this.#running.get(profile);
    if (exclusive && running && running.expiresAt > this.#now()) return running;
    const serial = this.tick();
    const issued = {
      accessKeyId: `ASIA${serial}`,
      secretAccessKey: 'secret',
      sessionToken: `token-${serial}`,
      expiresAt: epoch(this.#now() + this.lifeMs),
      accountId: null,
      roleArn: null,
      transaction: exclusive ? `transaction-${serial}` : null,
    };
    this.#running.set(profile, issued);
    return issued;
  }

  checkIn(profile: string): void {
    this.#running.delete(profile);
  }

  #issue(): SessionRecord {
    const serial = this.tick();
    // What was issued last lives longest, also where no time has passed.
    const expiresAt = epoch(Math.min(this.#now() + hours(1) + serial, this.#endsAt));
    this.#previous = { token: this.#current, until: this.#now() + leewayMs };
    this.#current = `refresh-${serial}`;
    this.#issuedAt = this.#now();
    this.#access.set(`access-${serial}`, expiresAt);
    return {
      accessToken: `access-${serial}`,
      refreshToken: this.#current,
      expiresAt,
      client: null,
      region: null,
      tokenType: null,
      idToken: null,
    };
  }
}
