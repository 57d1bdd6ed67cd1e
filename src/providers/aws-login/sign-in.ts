/**
 * One sign-in, whichever profiles use it. Renewals take turns, and each looks at the file first: it may hold what the one
 * before has fetched, or another tool.
 */
import type { Cancel, Verdict } from '../../core/types.ts';
import { signedOut } from './refusal.ts';
import type { RenewalRequest } from './renewal.ts';
import { renew } from './renewal.ts';
import type { AwsLoginDependencies, LoginCache, LoginRecord } from './types.ts';

/** The AWS tools begin at 5 minutes: earlier than they, so that only one program renews. */
const leadMs = 7 * 60_000;

export class SignIn {
  readonly #dependencies: AwsLoginDependencies;
  readonly #cache: LoginCache;
  #turn: Promise<unknown> = Promise.resolve();
  /** As last seen, for the time in which the file cannot be read. */
  #known: LoginRecord | null = null;
  /** What could not be written, and what stands in the file instead. */
  #unsaved: { readonly record: LoginRecord; readonly replaced: LoginRecord } | null = null;

  constructor(dependencies: AwsLoginDependencies, loginSession: string) {
    this.#dependencies = dependencies;
    this.#cache = dependencies.openCache(loginSession);
  }

  /** As it last was in the file or in memory, without looking; null when nobody is signed in. */
  get known(): LoginRecord | null {
    return this.#known;
  }

  /** With at least the lead left. */
  fresh(request: RenewalRequest): Promise<Verdict<LoginRecord>> {
    const run = this.#turn.then(() => this.#fresh(request));
    this.#turn = run.catch(() => {}); // Whoever asked for it learns of the failure.
    return run;
  }

  watch(changed: () => void): Cancel {
    return this.#cache.watch(changed);
  }

  async #fresh(request: RenewalRequest): Promise<Verdict<LoginRecord>> {
    const found = await this.#read(request.profile.name);
    if (found.type !== 'ok' || this.#isFresh(found.value)) return found;
    const renewed = await this.#renewed(found.value, request);
    if (renewed.type !== 'rejected') return renewed;
    // Another tool may have renewed it between our reading and our asking.
    const again = await this.#read(request.profile.name);
    if (again.type !== 'ok') return again;
    if (isSame(again.value, found.value)) return renewed;
    return this.#isFresh(again.value) ? again : this.#renewed(again.value, request);
  }

  #isFresh({ expiresAt }: LoginRecord): boolean {
    return expiresAt - this.#dependencies.clock.now() >= leadMs;
  }

  async #read(profile: string): Promise<Verdict<LoginRecord>> {
    const stored = await this.#cache.load();
    if (stored.type === 'unreadable') {
      const { detail } = stored;
      return this.#known === null ? { type: 'denied', why: 'bad-request', detail } : { type: 'ok', value: this.#known };
    }
    if (stored.type === 'gone') {
      this.#known = null;
      this.#unsaved = null;
      return signedOut(profile, 'nobody is signed in');
    }
    const unsaved = this.#unsaved;
    if (unsaved !== null && isSame(stored.record, unsaved.replaced)) {
      return this.#kept(unsaved.record, unsaved.replaced, profile);
    }
    this.#unsaved = null;
    this.#known = stored.record;
    return { type: 'ok', value: stored.record };
  }

  async #renewed(record: LoginRecord, request: RenewalRequest): Promise<Verdict<LoginRecord>> {
    const renewed = await renew(this.#dependencies, record, request);
    return renewed.type === 'ok' ? this.#kept(renewed.value, record, request.profile.name) : renewed;
  }

  /** Written to the file where that can be done, and in memory in any case. */
  async #kept(record: LoginRecord, replaced: LoginRecord, profile: string): Promise<Verdict<LoginRecord>> {
    const saved = await this.#cache.save(record, replaced);
    this.#unsaved = saved.type === 'failed' ? { record, replaced } : null;
    if (saved.type === 'gone') {
      this.#known = null;
      return signedOut(profile, 'nobody is signed in');
    }
    const { log } = this.#dependencies;
    if (saved.type === 'failed') log.warn({ profile, detail: saved.detail }, 'a sign-in is in memory alone');
    this.#known = saved.type === 'changed' ? saved.record : record;
    return { type: 'ok', value: this.#known };
  }
}

/** The same tokens, whatever else may differ. */
const isSame = (one: LoginRecord, other: LoginRecord): boolean =>
  one.accessKeyId === other.accessKeyId &&
  one.refresh?.refreshToken === other.refresh?.refreshToken &&
  one.refresh?.dpopKey === other.refresh?.dpopKey;
