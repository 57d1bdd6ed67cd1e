/** What a person asks of a session once, beside the leases: upstream is asked each time, and nothing is kept here. */
import type { ErrandsApi } from './api.ts';
import { type Failure, failure, failureOf, toError } from './failure.ts';
import type { SessionRunner } from './session-runner.ts';
import type { SessionSettings, Settings } from './settings.ts';
import { profileFor } from './settings-diff.ts';
import type { SessionRecord, Verdict } from './types.ts';
import type { CatalogueEntry } from './views.ts';

export interface ErrandRequest {
  readonly record: SessionRecord;
  readonly signal: AbortSignal;
}

export interface CatalogueRequest extends ErrandRequest {
  /** Called once the number of accounts is known, and after each account. */
  readonly progress: (accounts: number, done: number) => void;
}

export type CatalogueRole = Omit<CatalogueEntry, 'session' | 'profile'>;

/** Never throws. */
export interface ErrandUpstream {
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
    return roles.map((role) => ({ ...role, session: name, profile: profileFor(settings(), name, role) }));
  }

  /** With the session's tokens, refreshed if that takes no person. */
  async #ask<T>(
    name: string,
    signal: AbortSignal,
    errand: (session: SessionSettings, record: SessionRecord) => Promise<Verdict<T>>,
  ): Promise<T> {
    const runner = this.#options.session(name);
    const record = await runner.ready(signal);
    const verdict = await errand(runner.parts.settings, record);
    if (verdict.type === 'ok') return verdict.value;
    throw toError(refusalOf(runner, verdict));
  }
}

function refusalOf({ who, parts }: SessionRunner, verdict: Exclude<Verdict<never>, { type: 'ok' }>): Failure {
  if (verdict.type !== 'unauthorized' && verdict.type !== 'rejected') return failureOf(who, verdict);
  const { name, provider } = parts.settings;
  const by = provider === 'britive' ? 'its tenant' : 'the access portal';
  return failure('LoginRequired', `Session "${name}" was refused by ${by}. Run: credbroker login ${name}`);
}
