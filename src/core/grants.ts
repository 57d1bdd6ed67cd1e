/**
 * Grants: what local clients hold. A token is shown once, when it is issued; only its hash is kept.
 * Every change is on disk before anybody hears of it.
 */
import { BrokerError } from './errors.ts';
import type { Clock, StateFile } from './ports.ts';
import { type EpochMs, epoch } from './types.ts';
import type { GrantBody, GrantKind, GrantView, IssuedGrant } from './views.ts';

export interface Grant {
  readonly id: string;
  readonly label: string;
  readonly kind: GrantKind;
  readonly profiles: readonly string[] | '*';
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs | null;
  /** Right to the minute. */
  readonly lastUsedAt: EpochMs | null;
}

interface StoredGrant extends Grant {
  readonly digest: string;
}

export interface GrantsRecord {
  readonly version: 1;
  readonly grants: readonly StoredGrant[];
}

/** The cryptography, which differs by platform. */
export interface GrantSecrets {
  /** 32 random bytes, printed as `cb_` + base64url. */
  readonly newToken: () => string;
  /** SHA-256 in hexadecimal. */
  readonly digest: (token: string) => string;
  /** Compares two digests in constant time. */
  readonly same: (one: string, other: string) => boolean;
}

export interface GrantsOptions {
  readonly clock: Clock;
  /** `save` returns once the value is on disk, and throws when it could not be written. */
  readonly file: StateFile<GrantsRecord>;
  readonly secrets: GrantSecrets;
}

const maxGrants = 512;
const idLength = 16;
const coarseMs = 60_000;
/** The end of what `Date` can hold. */
const latestDate = 8.64e15;
const nobodysDigest = '0'.repeat(64);

export class Grants {
  readonly #clock: Clock;
  readonly #file: StateFile<GrantsRecord>;
  readonly #secrets: GrantSecrets;
  readonly #byId = new Map<string, StoredGrant>();
  #usesSavedAt: EpochMs;

  constructor({ clock, file, secrets }: GrantsOptions) {
    this.#clock = clock;
    this.#file = file;
    this.#secrets = secrets;
    this.#usesSavedAt = clock.now();
    for (const grant of file.load()?.grants ?? []) this.#byId.set(grant.id, grant);
    this.#prune();
  }

  /** Unknown and expired look the same, and cost the same: one hash, one comparison. */
  find(token: string): Grant | null {
    const digest = this.#secrets.digest(token);
    const grant = this.#byId.get(idOf(digest));
    const same = this.#secrets.same(digest, grant?.digest ?? nobodysDigest);
    return same && grant !== undefined && !this.#isOver(grant) ? grant : null;
  }

  list(): readonly GrantView[] {
    this.#prune();
    return [...this.#byId.values()].map(viewOf);
  }

  /** Throws when the grant could not be made durable; then there is none. */
  issue({ label, kind, profiles, lifetimeMs }: GrantBody): IssuedGrant {
    this.#prune();
    if (this.#byId.size >= maxGrants) {
      throw new BrokerError('Overloaded', `There are ${maxGrants} grants already. Run: credbroker grant list`);
    }
    const token = this.#secrets.newToken();
    const digest = this.#secrets.digest(token);
    const createdAt = this.#clock.now();
    const expiresAt = lifetimeMs === null ? null : epoch(createdAt + lifetimeMs);
    // Beyond it no date can be written, and the list of grants could not be shown any more.
    if (expiresAt !== null && expiresAt > latestDate)
      throw new BrokerError('BadRequest', 'A grant cannot last that long');
    const grant = { id: idOf(digest), digest, label, kind, profiles, createdAt, expiresAt, lastUsedAt: null };
    this.#save([...this.#byId.values(), grant]);
    this.#byId.set(grant.id, grant);
    return { ...viewOf(grant), token };
  }

  /** Takes effect at once; throws afterwards when the disk still has the grant. */
  revoke(id: string): void {
    if (!this.#byId.delete(id)) throw new BrokerError('NotFound', 'There is no such grant. Run: credbroker grant list');
    this.#save([...this.#byId.values()]);
  }

  /** Notes a use, once the answer has gone out. Never throws. */
  touch(id: string): void {
    const grant = this.#byId.get(id);
    const now = this.#clock.now();
    if (grant === undefined || now - (grant.lastUsedAt ?? 0) < coarseMs) return;
    this.#byId.set(id, { ...grant, lastUsedAt: now });
    if (now - this.#usesSavedAt < coarseMs) return;
    this.#usesSavedAt = now;
    try {
      this.#save([...this.#byId.values()]);
    } catch {
      // A full disk may cost a time of last use, and nobody a credential; the next minute tries again.
    }
  }

  #isOver({ expiresAt }: Grant): boolean {
    return expiresAt !== null && expiresAt <= this.#clock.now();
  }

  #prune(): void {
    for (const grant of this.#byId.values()) {
      if (this.#isOver(grant)) this.#byId.delete(grant.id);
    }
  }

  #save(grants: readonly StoredGrant[]): void {
    try {
      this.#file.save({ version: 1, grants });
    } catch (cause) {
      throw new BrokerError('Failed', 'The grants could not be written to disk. Free some space, then try again', {
        cause,
      });
    }
  }
}

/** Whether the grant's scope holds this profile, known or not. */
export const covers = ({ profiles }: Grant, profile: string): boolean => profiles === '*' || profiles.includes(profile);

const idOf = (digest: string): string => digest.slice(0, idLength);

const iso = (at: EpochMs | null): string | null => (at === null ? null : new Date(at).toISOString());

const viewOf = ({ id, label, kind, profiles, createdAt, expiresAt, lastUsedAt }: Grant): GrantView => ({
  id,
  label,
  kind,
  profiles,
  createdAt: new Date(createdAt).toISOString(),
  expiresAt: iso(expiresAt),
  lastUsedAt: iso(lastUsedAt),
});
