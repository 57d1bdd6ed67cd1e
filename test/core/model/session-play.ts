/** Plays any events on one Session machine, in any order, and checks what must hold for each step. */
import { defaults } from '../../../config/defaults.ts';
import { whyNot } from '../../../src/core/login-policy.ts';
import { stepSession } from '../../../src/core/session.ts';
import { sessionAlarm } from '../../../src/core/session-access.ts';
import type { SessionEffect, SessionEvent } from '../../../src/core/session-events.ts';
import { noMemo } from '../../../src/core/session-memo.ts';
import { newSession, type SessionEnv, type SessionState } from '../../../src/core/session-state.ts';
import {
  epoch,
  type LoginOutcome,
  mono,
  type RefreshedTokens,
  type SaveOutcome,
  type SessionRecord,
  type StoredSession,
  type Verdict,
} from '../../../src/core/types.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';
import { denied, rejected, transient, unauthorized } from '../../support/fake-upstream.ts';
import { must, pureStep, unchanged } from './checks.ts';
import type { Happening, Kind, SessionMove } from './session-moves.ts';
import { type After, type Before, checkJoining, checkLogout, checkTokens, isLate } from './session-promises.ts';

export class SessionPlay {
  state: SessionState = newSession(noMemo);
  #now = Date.parse('2026-11-21T09:00:00.000Z');
  #mono = 1_000;
  #tokens = 0;
  /** Refreshes and probes that may still be answered. */
  readonly #underway = new Set<number>();
  #window: number | null = null;

  play(move: SessionMove): void {
    this.#mono += move.passesMs;
    this.#now += move.passesMs + move.wallMs;
    const env = this.#env(move.random);
    const event = (move.answers ? this.#answer(move.happens) : null) ?? this.#event(move.happens);
    const before = this.state;
    const step = pureStep(stepSession, [before, event, env]);
    if (isLate(before, event)) must(unchanged(before, step), `a late or repeated "${event.type}" changes nothing`);
    this.#checkCalls([before, event, env], step);
    checkTokens([before, event, env], step);
    checkLogout([before, event, env], step);
    this.state = step.state;
    // The window's tokens are still being stored; a second outcome of the same window cannot come.
    if ('id' in event && event.type !== 'login-ended' && !isLate(before, event)) {
      must(unchanged(step.state, pureStep(stepSession, [step.state, event, env])), `"${event.type}" counts once`);
    }
  }

  /** One call and one window at a time; a refresh only with its intent, a window only with its history written down. */
  #checkCalls([before, event, env]: Before, { state, effects }: After): void {
    if ('id' in event && !isLate(before, event)) {
      if (event.type === 'login-ended') this.#window = null;
      else this.#underway.delete(event.id);
    }
    if (event.type === 'login-asked') checkJoining([before, event, env], { state, effects });
    for (const effect of effects) {
      if (effect.type === 'abort') this.#underway.delete(effect.id);
      const closes = effect.type === 'abort' || effect.type === 'login-result';
      if (closes && effect.id === this.#window) this.#window = null;
      if (effect.type === 'refresh' || effect.type === 'probe') {
        must(this.#underway.size === 0, 'two calls are never under way');
        this.#underway.add(effect.id);
      }
      if (effect.type === 'refresh') {
        const { intent } = state.memo;
        const written = intent?.fingerprint === `fp:${effect.record.refreshToken}` && intent.at === env.now;
        must(written, 'what is sent is written down before');
      }
      if (effect.type === 'login') this.#checkWindow([before, event, env], state, effect);
    }
    const deadline = state.flight && 'deadline' in state.flight ? state.flight.deadline : state.login?.deadline;
    const alarm = sessionAlarm(state);
    must(deadline === undefined || (alarm !== null && alarm <= deadline), 'it wakes for what has a deadline');
  }

  #checkWindow(
    [before, event, env]: Before,
    after: SessionState,
    { id, byUser }: Extract<SessionEffect, { type: 'login' }>,
  ): void {
    must(this.#window === null, 'two windows are never open');
    this.#window = id;
    must(after.memo.history.unanswered.at(-1) === env.now, 'a window is written down before it opens');
    must(byUser === (event.type === 'login-asked'), 'a window opens by itself or for who asks');
    if (byUser) return;
    must(
      whyNot(before.memo.history, env.now, env.numbers.login) === null,
      'a window keeps to its cooldown and its cap',
    );
    must(after.presence !== null && after.presence.value !== 'away', 'no window opens while nobody is there');
    const age = env.now - (after.refusedAt ?? 0);
    must(age >= 0 && age < minutes(1), 'no window opens but on a refusal moments ago');
  }

  #env(random: number): SessionEnv {
    return {
      now: epoch(this.#now),
      mono: mono(this.#mono),
      random,
      name: 'work',
      who: 'example.awsapps.com',
      numbers: defaults.refresh,
      loginMode: 'on-demand',
      trustMs: seconds(60),
      refreshLeadMs: (life) => Math.min(minutes(30), life / 2),
      fingerprint: (secret) => `fp:${secret}`,
    };
  }

  /** What the step under way waits for, in the manner of `happens` where it has one. */
  #answer(happens: Happening): SessionEvent | null {
    const { flight } = this.state;
    const life = 'lifeMs' in happens ? happens.lifeMs : hours(1);
    const how: Kind = 'kind' in happens ? happens.kind : 'ok';
    if (flight?.step === 'read') return this.#event({ type: 'stored', back: 0, found: 'same', lifeMs: life });
    if (flight?.step === 'refresh') return this.#event({ type: 'refreshed', back: 0, kind: how, lifeMs: life });
    if (flight?.step === 'persist') return this.#event({ type: 'persisted', back: 0, outcome: 'saved', lifeMs: life });
    if (flight?.step === 'probe') {
      return this.#event({ type: 'probed', back: 0, kind: 'kind' in happens ? how : 'unauthorized' });
    }
    return flight?.step === 'look' ? this.#event({ type: 'looked', back: 0, presence: 'present' }) : null;
  }

  #event(happens: Happening): SessionEvent {
    const id = (this.state.flight?.id ?? this.state.calls) - ('back' in happens ? happens.back : 0);
    switch (happens.type) {
      case 'unauthorized':
        return { ...happens, generation: this.state.generation - happens.back };
      case 'accepted':
        return { type: 'accepted', generation: this.state.generation - happens.back };
      case 'stored':
        return { type: 'stored', id, stored: this.#found(happens.found, happens.lifeMs) };
      case 'refreshed':
        return { type: 'refreshed', id, verdict: this.#verdict(happens.kind, this.#tokensOf(happens.lifeMs)) };
      case 'persisted':
        return { type: 'persisted', id, outcome: this.#saved(happens.outcome, happens.lifeMs) };
      case 'probed':
        return { type: 'probed', id, verdict: this.#verdict(happens.kind, undefined) };
      case 'looked':
        return { type: 'looked', id, presence: happens.presence };
      case 'login-ended': {
        const login = (this.state.login?.id ?? this.state.calls) - happens.back;
        return { type: 'login-ended', id: login, outcome: this.#ended(happens.outcome, happens.lifeMs) };
      }
      default:
        return happens;
    }
  }

  #record(life: number): SessionRecord {
    this.#tokens += 1;
    const expiresAt = epoch(this.#now + life);
    const tokens = { accessToken: `access-${this.#tokens}`, refreshToken: `refresh-${this.#tokens}` };
    return {
      ...tokens,
      refreshToken: this.#tokens % 7 === 0 ? null : tokens.refreshToken,
      expiresAt,
      client: null,
      region: null,
      tokenType: null,
      idToken: null,
    };
  }

  readonly #tokensOf = (life: number): RefreshedTokens => ({ record: this.#record(life), lifetimeMs: life });

  #found(type: StoredSession['type'] | 'same', life: number): StoredSession {
    if (type === 'same' && this.state.stored) return { type: 'found', record: this.state.stored };
    if (type === 'gone') return { type };
    return type === 'unreadable' ? { type, detail: 'half written' } : { type: 'found', record: this.#record(life) };
  }

  #saved(type: SaveOutcome['type'], life: number): SaveOutcome {
    if (type === 'changed') return { type, record: this.#record(life) };
    return type === 'failed' ? { type, detail: 'disk full' } : { type };
  }

  #ended(type: LoginOutcome['type'], life: number): LoginOutcome {
    if (type === 'ok') return { type, ...this.#tokensOf(life) };
    return type === 'failed' ? { type, verdict: { type: 'ambiguous', detail: 'no answer' } } : { type, detail: '' };
  }

  #verdict<T>(kind: Kind, value: T): Verdict<T> {
    const verdicts: Record<Kind, Verdict<T>> = {
      ok: { type: 'ok', value },
      transient: transient(),
      'slow-down': transient(minutes(2)),
      ambiguous: { type: 'ambiguous', detail: 'no answer' },
      'not-yet': { type: 'not-yet', retryAt: epoch(this.#now + minutes(1)) },
      ...{ rejected, unauthorized, denied },
    };
    return verdicts[kind];
  }
}
