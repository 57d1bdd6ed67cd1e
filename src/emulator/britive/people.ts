/** What the person at the browser, the approver and the administrator of the tenant do, without pages. */
import type { ApiTokenOptions, ApiTokens } from './api-tokens.ts';
import type { ApprovalStatus, Approvals } from './approvals.ts';
import type { Profile } from './catalogue.ts';
import type { Checkouts } from './checkouts.ts';
import type { TenantKnobs } from './knobs.ts';
import type { Login, Logins } from './logins.ts';
import type { Payloads } from './payloads.ts';
import type { Sessions } from './sessions.ts';

interface Parts {
  readonly knobs: TenantKnobs;
  readonly logins: Logins;
  readonly sessions: Sessions;
  readonly apiTokens: ApiTokens;
  readonly approvals: Approvals;
  readonly checkouts: Checkouts;
  readonly payloads: Payloads;
}

export class TenantPeople {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The challenges of the sign-in pages that are open: the `token` of their addresses. */
  waitingLogins(): readonly string[] {
    return this.#parts.logins.waiting().map(({ challenge }) => challenge);
  }

  /** As somebody else than the page says, where a name is given. */
  allowLogin(challenge: string, userName?: string): void {
    const login = this.#login(challenge);
    this.#parts.logins.decide(userName === undefined ? login : { ...login, userName }, true);
  }

  denyLogin(challenge: string): void {
    this.#parts.logins.decide(this.#login(challenge), false);
  }

  /** All sessions end at once, as when the browser signs out. */
  endSessions(): void {
    this.#parts.sessions.end(() => true);
  }

  issueApiToken(options: ApiTokenOptions): string {
    return this.#parts.apiTokens.issue(options);
  }

  revokeApiToken(token: string): void {
    this.#parts.apiTokens.revoke(token);
  }

  /** The identifiers of the requests that wait for an approver. */
  waitingApprovals(): readonly string[] {
    return this.#parts.approvals.waiting().map(({ requestId }) => requestId);
  }

  /** What an approver or time does to a request, whatever became of it before. */
  decideApproval(requestId: string, status: Exclude<ApprovalStatus, 'PENDING'>): void {
    const approval = this.#parts.approvals.find(requestId);
    if (approval === null) throw new Error(`There is no approval request "${requestId}"`);
    this.#parts.approvals.decide(approval, status);
  }

  /** Other conditions from now on; what is checked out keeps its own until its check-in. */
  changeProfile(name: string, changes: Partial<Profile>): void {
    const { knobs } = this.#parts;
    const change = (profile: Profile): Profile => (profile.name === name ? { ...profile, ...changes } : profile);
    if (!knobs.applications.some(({ profiles }) => profiles.some((profile) => profile.name === name))) {
      throw new Error(`There is no profile "${name}"`);
    }
    knobs.applications = knobs.applications.map((one) => ({ ...one, profiles: one.profiles.map(change) }));
  }

  /** Everything that is checked out is taken back. */
  revokeCheckouts(): void {
    for (const checkout of this.#parts.checkouts.all()) {
      this.#parts.payloads.revoke(checkout);
      this.#parts.checkouts.checkIn(checkout);
    }
  }

  #login(challenge: string): Login {
    const login = this.#parts.logins.waiting().find((one) => one.challenge === challenge);
    if (login === undefined) throw new Error(`No sign-in waits with the challenge "${challenge}"`);
    return login;
  }
}
