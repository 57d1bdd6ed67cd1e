/** What a person asks of a session once, beside the leases: upstream is asked each time, and nothing is kept here. */

import type { ErrandsApi, Issue, IssueKind, IssueOptions } from './api.ts';
import type { CheckoutView } from './checkout-views.ts';
import { BrokerError } from './errors.ts';
import { type Failure, failure, failureOf, gateFailureOf, toError } from './failure.ts';
import { matchProfiles } from './match-profiles.ts';
import type { Offer } from './offers.ts';
import type { SessionRunner } from './session-runner.ts';
import type { ServedProfileSettings, SessionSettings, Settings } from './settings.ts';
import { profileFor } from './settings-diff.ts';
import type { TenantUpstream } from './tenant-upstream.ts';
import type { SessionRecord, Verdict } from './types.ts';
import type { CatalogueEntry, MatchView } from './views.ts';
import { wireTime } from './wire-time.ts';
import type { Wish } from './wish.ts';

export interface ErrandRequest {
  readonly record: SessionRecord;
  readonly signal: AbortSignal;
}

export interface CatalogueRequest extends ErrandRequest {
  /** Called once the number of accounts is known, and after each account. */
  readonly progress: (accounts: number, done: number) => void;
}

export interface CatalogueRole extends Pick<CatalogueEntry, 'accountId' | 'accountName' | 'roleName'> {
  /** Null where roles have no names of their own. */
  readonly offer: Offer | null;
}

export interface IssueRequest extends ErrandRequest {
  readonly as: IssueKind;
  readonly wish: Wish | null;
}

/** Never throws. */
export interface ErrandUpstream extends TenantUpstream {
  readonly issue: (
    profile: ServedProfileSettings,
    session: SessionSettings,
    request: IssueRequest,
  ) => Promise<Verdict<Issue>>;
  /** Every account and role the session may use. */
  readonly catalogue: (
    session: SessionSettings,
    request: CatalogueRequest,
  ) => Promise<Verdict<readonly CatalogueRole[]>>;
}

interface ErrandsOptions {
  readonly upstream: ErrandUpstream;
  readonly settings: () => Settings;
  /** Throws `SessionNotFound`. */
  readonly session: (name: string) => SessionRunner;
}

export class Errands implements ErrandsApi {
  readonly #options: ErrandsOptions;
  readonly #closing = new AbortController();

  constructor(options: ErrandsOptions) {
    this.#options = options;
  }

  async catalogue(
    name: string,
    progress: (accounts: number, done: number) => void,
    signal: AbortSignal,
  ): Promise<readonly CatalogueEntry[]> {
    const { upstream, settings } = this.#options;
    const roles = await this.#ask(name, signal, (session, record) =>
      upstream.catalogue(session, { record, progress, signal }),
    );
    return roles.map((role) => catalogueEntry(settings(), name, role));
  }

  async checkouts(name: string, signal: AbortSignal): Promise<readonly CheckoutView[]> {
    const { upstream, settings } = this.#options;
    const rows = await this.#ask(name, signal, (session, record) => upstream.checkouts(session, { record, signal }));
    const profiles = [...settings().profiles.values()].filter((profile) => profile.kind === 'britive');
    return rows.map((row) => {
      const profile = profiles.find(({ session, offer }) => session === name && offer?.id === row.id)?.name ?? null;
      return { ...row, session: name, profile, expiresAt: row.expiresAt === null ? null : wireTime(row.expiresAt) };
    });
  }

  async giveBack(name: string, transaction: string, signal: AbortSignal): Promise<void> {
    const { upstream } = this.#options;
    await this.#ask(name, signal, (session, record) => upstream.giveBack(session, { record, transaction, signal }));
  }

  async match(text: string, signal: AbortSignal): Promise<MatchView> {
    const { settings } = this.#options;
    const known = matchProfiles(settings(), text);
    if (known.exact) return known;
    await Promise.all([...settings().sessions.keys()].map((name) => this.#recall(name, signal)));
    return matchProfiles(settings(), text);
  }

  /** Nobody waits for it: what a session offers after a sign-in are profiles as soon as that is known. */
  signedIn(name: string): void {
    void this.#recall(name, this.#closing.signal);
  }

  close(): void {
    this.#closing.abort();
  }

  /** Who cannot be asked now will be asked by the next who needs it. */
  async #recall(name: string, signal: AbortSignal): Promise<void> {
    const { upstream, session } = this.#options;
    if (session(name).parts.settings.provider !== 'britive') return;
    await this.#ask(name, signal, (settings, record) => upstream.recall(settings, { record, signal })).catch(() => {});
  }

  async issue(name: string, { as, wish, signal }: IssueOptions): Promise<Issue> {
    const { upstream, settings } = this.#options;
    const profile = settings().profiles.get(name);
    if (!profile) throw new BrokerError('ProfileNotFound', `No profile "${name}". Run: credbroker profiles`);
    if (profile.kind === 'unserved') throw new BrokerError('ConfigInvalid', profile.problem);
    return this.#ask(
      profile.session,
      signal,
      (session, record) => upstream.issue(profile, session, { as, record, wish, signal }),
      (verdict) => gateFailureOf(name, verdict),
    );
  }

  /** With the session's tokens, refreshed if that takes no person. */
  async #ask<T>(
    name: string,
    signal: AbortSignal,
    errand: (session: SessionSettings, record: SessionRecord) => Promise<Verdict<T>>,
    onDenied: (verdict: Extract<Verdict<never>, { type: 'denied' }>) => Failure | null = () => null,
  ): Promise<T> {
    const runner = this.#options.session(name);
    const record = await runner.ready(signal);
    const verdict = await errand(runner.parts.settings, record);
    if (verdict.type === 'ok') return verdict.value;
    const gate = verdict.type === 'denied' ? onDenied(verdict) : null;
    throw toError(gate ?? refusalOf(runner, verdict));
  }
}

function catalogueEntry(settings: Settings, session: string, role: CatalogueRole): CatalogueEntry {
  const { offer, ...about } = role;
  const profile = profileFor(settings, session, role);
  const implied = profile?.kind === 'britive' && profile.implied;
  return {
    ...about,
    session,
    path: offer?.path ?? null,
    alias: implied ? profile.name : (offer?.alias ?? null),
    kind: offer?.kind ?? null,
    profile: implied ? null : (profile?.name ?? null),
  };
}

function refusalOf({ who, parts }: SessionRunner, verdict: Exclude<Verdict<never>, { type: 'ok' }>): Failure {
  if (verdict.type !== 'unauthorized' && verdict.type !== 'rejected') return failureOf(who, verdict);
  const { name, provider } = parts.settings;
  const by = provider === 'britive' ? 'its tenant' : 'the access portal';
  return failure('LoginRequired', `Session "${name}" was refused by ${by}. Run: credbroker login ${name}`);
}
