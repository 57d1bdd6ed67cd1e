/**
 * What the identity system holds to be true: sign-ins with an end, access tokens, and families of refresh tokens of which
 * a spent one is taken for a leeway and kills its family after that.
 */
import { minutes } from '../support/fake-clock.ts';
import type { SiteScenario } from './scenario.ts';
import type { Story } from './story.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Every secret of this world holds it; it must never be read anywhere but where it belongs. */
export const canary = 'CANARY';

export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresAt: number;
}

interface Family {
  readonly endsAt: number;
  revoked: boolean;
}

interface RefreshToken {
  readonly family: Family;
  /** When it was first used; it stays good where refresh tokens do not rotate. */
  spentAt: number | null;
}

export class SignInServer {
  readonly #site: SiteScenario;
  readonly #time: VirtualTime;
  readonly #story: Story;
  readonly #accessTokens = new Map<string, { readonly family: Family; readonly expiresAt: number }>();
  readonly #refreshTokens = new Map<string, RefreshToken>();
  #family: Family | null = null;
  #serial = 0;
  #issuedAt = 0;

  constructor(site: SiteScenario, time: VirtualTime, story: Story) {
    this.#site = site;
    this.#time = time;
    this.#story = story;
  }

  /** A person has signed in. Earlier sign-ins go on, as they do with several devices. */
  signIn(): IssuedTokens {
    this.#family = { endsAt: this.#time.truth() + this.#site.signInLifeMs, revoked: false };
    return this.#issue(this.#family, null);
  }

  /** Null is a refusal. */
  refresh(token: string): IssuedTokens | null {
    const known = this.#refreshTokens.get(token);
    if (!known || known.family.revoked || this.#time.truth() >= known.family.endsAt) return null;
    if (!this.#mayBeUsed(known)) {
      known.family.revoked = true;
      this.#story.note('family revoked', 'a spent refresh token came back');
      return null;
    }
    if (known.spentAt !== null && this.#site.rotates) this.#story.count('refresh token reused within the leeway');
    known.spentAt ??= this.#time.truth();
    return this.#issue(known.family, this.#site.rotates ? null : token);
  }

  takesAccess(token: string, marginMs: number): boolean {
    const known = this.#accessTokens.get(token);
    if (!known || known.expiresAt - marginMs <= this.#time.truth()) return false;
    return this.#site.selfContained || !known.family.revoked;
  }

  endsAt(accessToken: string): number {
    return this.#accessTokens.get(accessToken)?.expiresAt ?? 0;
  }

  takesRefresh(token: string | null): boolean {
    const known = token === null ? undefined : this.#refreshTokens.get(token);
    if (!known || known.family.revoked || this.#time.truth() >= known.family.endsAt) return false;
    return this.#mayBeUsed(known);
  }

  /** Somebody in charge ends the sign-in. */
  revokeSignIn(): void {
    if (this.#family) this.#family.revoked = true;
  }

  /**
   * Or the access tokens alone. A token that is refused right after its refresh leads to a sign-in by intent, whatever
   * the refresh token is worth: not in the first minute.
   */
  revokeTokens(): void {
    if (this.#time.truth() - this.#issuedAt > minutes(2)) this.#accessTokens.clear();
  }

  endOf(accessToken: string): void {
    const known = this.#accessTokens.get(accessToken);
    if (known) known.family.revoked = true;
    this.#accessTokens.delete(accessToken);
  }

  #mayBeUsed({ spentAt }: RefreshToken): boolean {
    const { rotates, leewayMs } = this.#site;
    return !rotates || spentAt === null || this.#time.truth() - spentAt < leewayMs;
  }

  #issue(family: Family, keeps: string | null): IssuedTokens {
    const serial = ++this.#serial;
    this.#issuedAt = this.#time.truth();
    const accessToken = `${canary}-access-${this.#site.name}-${serial}`;
    const expiresAt = Math.min(this.#time.truth() + this.#site.tokenLifeMs, family.endsAt);
    this.#accessTokens.set(accessToken, { family, expiresAt });
    if (!this.#site.refreshes) return { accessToken, refreshToken: null, expiresAt };
    const refreshToken = keeps ?? `${canary}-refresh-${this.#site.name}-${serial}`;
    if (keeps === null) this.#refreshTokens.set(refreshToken, { family, spentAt: null });
    return { accessToken, refreshToken, expiresAt };
  }
}
