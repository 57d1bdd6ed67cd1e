/** Requests for access that somebody has to grant first. */
import { randomUUID } from 'node:crypto';
import type { Access } from './catalogue.ts';
import type { TenantKnobs } from './knobs.ts';
import type { Person } from './sessions.ts';

export type ApprovalStatus =
  | 'PENDING'
  | 'APPROVED'
  | 'REJECTED'
  | 'TIMEOUT'
  | 'CANCELLED'
  | 'WITHDRAWN'
  | 'REVOKED'
  | 'EXPIRED';

export interface Reasons {
  readonly justification: string | null;
  readonly ticketType: string | null;
  readonly ticketId: string | null;
}

export interface Approval extends Reasons {
  readonly requestId: string;
  readonly person: Person;
  readonly papId: string;
  readonly environmentId: string;
  readonly createdAt: number;
  /** Null while nobody has decided. */
  readonly decided: { readonly status: ApprovalStatus; readonly at: number } | null;
}

export class Approvals {
  readonly #byId = new Map<string, Approval>();
  readonly #knobs: TenantKnobs;
  readonly #now: () => number;

  constructor(knobs: TenantKnobs, now: () => number) {
    this.#knobs = knobs;
    this.#now = now;
  }

  ask(person: Person, { profile, environment }: Access, reasons: Reasons): Approval {
    const [{ papId }, { environmentId }] = [profile, environment];
    const asked = { requestId: randomUUID(), person, papId, environmentId, createdAt: this.#now(), decided: null };
    return this.#put({ ...reasons, ...asked });
  }

  find(requestId: string): Approval | null {
    return this.#byId.get(requestId) ?? null;
  }

  /** The person's latest for this access that has this status now. */
  latest(person: Person, { profile, environment }: Access, status: ApprovalStatus): Approval | null {
    const isMeant = (one: Approval): boolean =>
      one.papId === profile.papId && one.environmentId === environment.environmentId && this.statusOf(one) === status;
    return this.of(person).findLast(isMeant) ?? null;
  }

  of({ userId }: Person): readonly Approval[] {
    return [...this.#byId.values()].filter(({ person }) => person.userId === userId);
  }

  waiting(): readonly Approval[] {
    return [...this.#byId.values()].filter((approval) => this.statusOf(approval) === 'PENDING');
  }

  decide(approval: Approval, status: ApprovalStatus): void {
    this.#put({ ...approval, decided: { status, at: this.#now() } });
  }

  statusOf(approval: Approval): ApprovalStatus {
    if (approval.decided === null) return this.#now() >= this.answerableUntil(approval) ? 'TIMEOUT' : 'PENDING';
    const isUsedUp = approval.decided.status === 'APPROVED' && this.#now() >= (this.usableUntil(approval) ?? 0);
    return isUsedUp ? 'EXPIRED' : approval.decided.status;
  }

  answerableUntil({ createdAt }: Approval): number {
    return createdAt + this.#knobs.timeToApproveMs;
  }

  /** Null unless it was granted. */
  usableUntil({ decided }: Approval): number | null {
    return decided?.status === 'APPROVED' ? decided.at + this.#knobs.approvalLifeMs : null;
  }

  #put(approval: Approval): Approval {
    this.#byId.set(approval.requestId, approval);
    return approval;
  }
}
