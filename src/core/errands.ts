/** What a person asks of a session once, beside the leases: upstream is asked each time, and nothing is kept here. */

import type { BrokerApi, ErrandsApi, Issue, IssueOptions } from './api.ts';
import type { CheckoutView } from './checkout-views.ts';
import { keysOf } from './eks-tokens.ts';
import type { CatalogueRole, ConsoleUpstream, ErrandUpstream } from './errand-upstream.ts';
import { BrokerError } from './errors.ts';
import { type Failure, failure, failureOf, gateFailureOf, reasonOf, toError } from './failure.ts';
import { matchProfiles } from './match-profiles.ts';
import type { Offer } from './offers.ts';
import { loginCommand } from './session-access.ts';
import type { SessionRunner } from './session-runner.ts';
import type { ServedProfileSettings, SessionSettings, Settings } from './settings.ts';
import { profileFor } from './settings-diff.ts';
import type { SessionRecord, Verdict } from './types.ts';
import type { CatalogueEntry, MatchView } from './views.ts';
import { wireTime } from './wire-time.ts';

interface ErrandsOptions {
  readonly upstream: ErrandUpstream & ConsoleUpstream;
  readonly settings: () => Settings;
  /** Throws `SessionNotFound`. */
  readonly session: (name: string) => SessionRunner;
  readonly revoked: (transaction: string) => void;
  readonly get: BrokerApi['get'];
}

/** Whoever waits can be asked, for an approval too. */
const personMs = 20 * 60_000;

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
    const { upstream, settings, session: open } = this.#options;
    // Nobody need sign in to hear that there is nothing.
    if (open(name).parts.settings.provider === 'oidc') return [];
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
    const { upstream, revoked } = this.#options;
    const unknown = ({ why }: Extract<Verdict<never>, { type: 'denied' }>): Failure | null => {
      if (why !== 'not-found') return null;
      // A lease may hold it all the same.
      revoked(transaction);
      return failure('NotFound', `Session "${name}" has no such checkout. Run: credbroker status`);
    };
    await this.#ask(
      name,
      signal,
      (session, record) => upstream.giveBack(session, { record, transaction, signal }),
      unknown,
    );
    revoked(transaction);
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
    const { upstream, settings, session } = this.#options;
    const profile = settings().profiles.get(name);
    if (!profile) throw new BrokerError('ProfileNotFound', `No profile "${name}". Run: credbroker profiles`);
    if (profile.kind === 'unserved') throw new BrokerError('ConfigInvalid', profile.problem);
    if (as === 'console' && profile.kind !== 'britive') return this.#console(profile, { wish, signal });
    if (profile.kind !== 'britive' && profile.kind !== 'sso') {
      throw new BrokerError(
        'BadRequest',
        `Profile "${name}" has AWS credentials alone. Run: credbroker checkout ${name}`,
      );
    }
    return this.#ask(
      profile.session,
      signal,
      (own, record) => upstream.issue(profile, own, { as, record, wish, signal }),
      (verdict) => gateFailureOf(name, verdict) ?? failureOf(session(profile.session).who, verdict, name),
    );
  }

  /** AWS's own, for the credentials that programs get. */
  async #console(profile: ServedProfileSettings, { wish, signal }: Omit<IssueOptions, 'as'>): Promise<Issue> {
    const { upstream, get } = this.#options;
    const { name, region } = profile;
    const served = await get(name, { holdMs: personMs, signal, ...(wish && { wish }) });
    const standing = profile.kind === 'role' ? 'chained' : 'role';
    const verdict = await upstream.console({ keys: keysOf(served), standing, region, signal });
    if (verdict.type !== 'ok') throw toError(failureOf('The AWS console', verdict, name));
    return { transaction: null, expiresAt: null, document: { url: verdict.value } };
  }

  /** With the session's tokens, refreshed if that takes no person. */
  async #ask<T>(
    name: string,
    signal: AbortSignal,
    errand: (session: SessionSettings, record: SessionRecord) => Promise<Verdict<T>>,
    onDenied: (verdict: Extract<Verdict<never>, { type: 'denied' }>) => Failure | null = () => null,
  ): Promise<T> {
    const runner = this.#options.session(name);
    const { settings } = runner.parts;
    const record = await runner.ready(signal);
    const first = await errand(settings, record);
    const other = first.type === 'unauthorized' ? await judged(runner, record, signal) : record;
    const verdict = other === record ? first : await errand(settings, other);
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
    alias: implied ? profile.name : offer && freeAlias(settings, offer),
    kind: offer?.kind ?? null,
    profile: implied ? null : (profile?.name ?? null),
  };
}

/** By which it can be called although a configured profile serves it. */
const freeAlias = ({ profiles }: Settings, { alias, qualified }: Offer): string =>
  profiles.has(alias) ? qualified : alias;

/** Upstream refused these tokens: the session finds out whether they are dead, and rejects with what to do then. */
function judged(runner: SessionRunner, record: SessionRecord, signal: AbortSignal): Promise<SessionRecord> {
  const { generation } = runner.state;
  if (runner.record() === record) runner.dispatch({ type: 'unauthorized', generation, foreground: false });
  return runner.ready(signal);
}

/** Nothing here is asked again by itself. */
function refusalOf({ who, parts, state }: SessionRunner, verdict: Exclude<Verdict<never>, { type: 'ok' }>): Failure {
  const { name } = parts.settings;
  switch (verdict.type) {
    case 'transient':
    case 'ambiguous':
      return failure('UpstreamUnavailable', `${reasonOf(who, verdict)}; try again later`);
    case 'unauthorized':
    case 'rejected':
      return failure('LoginRequired', `Session "${name}" was refused by ${who}. Run: ${loginCommand(state, name)}`);
    default:
      return failureOf(who, verdict);
  }
}
