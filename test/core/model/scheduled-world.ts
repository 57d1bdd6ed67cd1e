/** A broker whose every call, read and write is settled when and in the order fast-check decides. */
import type fc from 'fast-check';
import type { Served } from '../../../src/core/api.ts';
import { Broker } from '../../../src/core/broker.ts';
import { Kept } from '../../../src/core/kept.ts';
import { noMemo } from '../../../src/core/session-memo.ts';
import type { Settings } from '../../../src/core/settings.ts';
import {
  type Credentials,
  epoch,
  type LoginOutcome,
  type RefreshedTokens,
  type SessionRecord,
  type Verdict,
} from '../../../src/core/types.ts';
import { FakeClock, hours, minutes, seconds } from '../../support/fake-clock.ts';
import { ok, rejected, unauthorized } from '../../support/fake-upstream.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import { loginOptions, noErrands, settingsWith, ssoProfile } from '../../support/test-broker.ts';
import { TokenFile } from './token-file.ts';
import { Truth } from './truth.ts';

interface Answer {
  readonly signal: AbortSignal;
  answers: number;
  refusal: unknown;
}

export class ScheduledWorld {
  readonly clock = new FakeClock();
  readonly truth = new Truth(() => this.clock.now());
  readonly store = new TokenFile();
  readonly complaints: string[] = [];
  readonly asked: Answer[] = [];
  readonly broker: Broker;
  readonly #scheduler: fc.Scheduler;
  readonly #underWay = new Set<string>();
  readonly #startedAt = new Map<string, number>();
  #loggedOutAt = 0;
  /** The refresh token that was issued last of those that reached the broker or its store. */
  newest: string | null = null;

  constructor(scheduler: fc.Scheduler, expiresInMs: number) {
    this.#scheduler = scheduler;
    const record = this.truth.signIn();
    this.store.keep({ ...record, expiresAt: epoch(this.clock.now() + expiresInMs) });
    this.#deliver(record);
    this.broker = this.#open();
  }

  /** Does it when the scheduler says so. */
  async does(what: string, action: () => unknown): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), what);
    await action();
  }

  ask(profile: string, signal: AbortSignal): void {
    const answer: Answer = { signal, answers: 0, refusal: null };
    this.asked.push(answer);
    const warm = this.broker.peek(profile);
    const done = warm ? Promise.resolve(warm) : this.broker.get(profile, { holdMs: 4_500, signal });
    done
      .then((served) => this.#checkServed(served))
      .catch((error: unknown) => {
        answer.refusal = error;
      })
      .finally(() => {
        answer.answers += 1;
      });
  }

  logout(): Promise<unknown> {
    this.#loggedOutAt = this.truth.tick();
    this.truth.signedOut = true;
    this.newest = null;
    return this.broker.logout('work');
  }

  login(): Promise<unknown> {
    this.truth.signedOut = false;
    return this.broker.login('work', loginOptions()).catch(() => {});
  }

  /** Another tool refreshes, and stores what it got. */
  rotateElsewhere(): void {
    const { stored } = this.store;
    const rotated = stored && this.truth.takesRefresh(stored.refreshToken) ? this.truth.rotate(stored) : null;
    if (!rotated) return;
    if (!this.truth.signedOut) this.#deliver(rotated);
    this.store.overwrite(rotated);
  }

  /** The settings are read anew; `dev` is another role, or the same. */
  reload(roleName: string): void {
    this.broker.reload(this.#settings(roleName));
  }

  #deliver({ refreshToken }: SessionRecord): void {
    const serial = (token: string | null): number => Number(token?.split('-')[1] ?? 0);
    if (serial(refreshToken) > serial(this.newest)) this.newest = refreshToken;
  }

  #settings(roleName: string): Settings {
    const dev = { ...ssoProfile('dev', 'work'), roleName };
    return settingsWith({ profiles: new Map([dev, ssoProfile('prod', 'work')].map((one) => [one.name, one])) });
  }

  /** The request arrives when the scheduler says so, and so does its answer. */
  async #travel<T>(key: string, arrive: () => T | Promise<T>): Promise<T> {
    if (key !== 'load' && key !== 'save' && this.#underWay.has(key)) this.complaints.push(`two calls for ${key}`);
    this.#underWay.add(key);
    await this.#scheduler.schedule(Promise.resolve(), `${key} arrives`);
    const answer = await arrive();
    await this.#scheduler.schedule(Promise.resolve(), `${key} is answered`);
    this.#underWay.delete(key);
    return answer;
  }

  async #call<T>(key: string, signal: AbortSignal, arrive: () => Verdict<T>): Promise<Verdict<T>> {
    const aborted = new Promise<Verdict<T>>((resolve) => {
      signal.addEventListener('abort', () => {
        this.#underWay.delete(key);
        resolve({ type: 'ambiguous', detail: 'given up' });
      });
    });
    return Promise.race([this.#travel(key, arrive), aborted]);
  }

  async #refresh(record: SessionRecord, signal: AbortSignal): Promise<Verdict<RefreshedTokens>> {
    const verdict = await this.#call('refresh', signal, () => {
      const issued = this.truth.rotate(record);
      return issued ? ok({ record: issued, lifetimeMs: hours(1) }) : rejected;
    });
    if (verdict.type === 'ok' && !signal.aborted) this.#deliver(verdict.value.record);
    return verdict;
  }

  async #login(signal: AbortSignal): Promise<LoginOutcome> {
    const signIn = (): Verdict<RefreshedTokens> => ok({ record: this.truth.signIn(), lifetimeMs: hours(1) });
    const verdict = await this.#call('login', signal, signIn);
    if (verdict.type !== 'ok' || signal.aborted) return { type: 'unanswered', detail: '' };
    this.#deliver(verdict.value.record);
    return { type: 'ok', ...verdict.value };
  }

  #acquire(name: string, record: SessionRecord | null, signal: AbortSignal): Promise<Verdict<Credentials>> {
    const started = this.truth.tick();
    return this.#call(`acquire ${name}`, signal, () => {
      if (!this.truth.takesAccess(record)) return unauthorized;
      const issued = this.truth.checkOut(name, false);
      this.#startedAt.set(issued.accessKeyId, started);
      return ok(issued);
    });
  }

  #checkServed(served: Served): void {
    const { AccessKeyId } = JSON.parse(new TextDecoder().decode(served.process));
    const before = (this.#startedAt.get(AccessKeyId) ?? 0) < this.#loggedOutAt;
    if (before) this.complaints.push(`${served.profile} is served what is from before the logout`);
  }

  #open(): Broker {
    const { clock, truth, store } = this;
    return new Broker({
      settings: this.#settings('Developer'),
      ...{ clock, timers: clock, log: recordingLog() },
      random: () => 0.5,
      seed: 'seed',
      notify: () => {},
      fingerprint: (secret) => `fp:${secret}`,
      checkouts: new Kept({ load: () => null, save: () => {} }),
      openSession: (settings) => ({
        ...{ settings, canOpenBrowser: true, memo: noMemo, saveMemo: () => {} },
        presence: async () => 'present',
        store: {
          load: () => this.#travel('load', store.load),
          save: (record, replaced) => this.#travel('save', () => store.save(record, replaced)),
          remove: () => this.#travel('remove', store.remove),
          watch: store.watch,
        },
        upstream: {
          refreshLeadMs: (life) => Math.min(minutes(30), life / 2),
          refresh: (record, signal) => this.#refresh(record, signal),
          probe: (record, signal) =>
            this.#call('probe', signal, () => (truth.takesAccess(record) ? ok(undefined) : unauthorized)),
          login: ({ signal }) => this.#login(signal),
          trustMs: seconds(60),
          logoutIsLocal: false,
          logout: async () => ok(undefined),
        },
      }),
      openProfile: ({ name }) => ({
        ...{ renewal: 'overlap', prefetch: true, timeoutMs: null },
        acquire: ({ record, signal }) => this.#acquire(name, record, signal),
        release: async () => ok(undefined),
      }),
      errands: noErrands,
    });
  }
}
