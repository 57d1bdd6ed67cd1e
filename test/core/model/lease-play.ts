/** Plays any events on one Lease machine, in any order, and checks what must hold for each step. */
import { defaults } from '../../../config/defaults.ts';
import { failure } from '../../../src/core/failure.ts';
import { stepLease } from '../../../src/core/lease.ts';
import type { Issued, LeaseEvent } from '../../../src/core/lease-events.ts';
import {
  answerFor,
  type LeaseEnv,
  type LeaseState,
  leaseAlarm,
  newLease,
  type SessionAccess,
} from '../../../src/core/lease-state.ts';
import { epoch, mono, type Renewal, type Verdict } from '../../../src/core/types.ts';
import { seconds } from '../../support/fake-clock.ts';
import { denied, rejected, transient, unauthorized } from '../../support/fake-upstream.ts';
import { must, pureStep, unchanged } from './checks.ts';
import type { Answer, Happening, LeaseMove } from './lease-moves.ts';
import { type After, type Before, checkProgress, isEnd, isLate, sameMembers } from './lease-promises.ts';

const gone = failure('LoginRequired', 'gone');
const waitsForApproval = failure('ApprovalRequired', 'waits for an approval');

export class LeasePlay {
  state: LeaseState = newLease(null);
  readonly #renewal: Renewal;
  #now = Date.parse('2026-11-21T09:00:00.000Z');
  #mono = 1_000;
  #tokens = 1;
  #callers = 0;
  readonly #underway = new Set<number>();
  readonly #lives = new WeakMap<Issued['served'], number>();
  /** Every caller who has not been answered and has not left. */
  readonly #waiting = new Set<number>();

  constructor(renewal: Renewal) {
    this.#renewal = renewal;
  }

  play(move: LeaseMove): void {
    this.#mono += move.passesMs;
    this.#now += move.passesMs + move.wallMs;
    if (move.access === 'next') this.#tokens += 1;
    const env = this.#env(move);
    const event = this.#event(move.happens);
    const before = this.state;
    const step = pureStep(stepLease, [before, event, env]);
    if (isLate(before, event)) must(unchanged(before, step), `a late or repeated "${event.type}" changes nothing`);
    this.#checkCallers([before, event, env], step);
    this.#checkCalls([before, event, env], step);
    checkProgress([before, event, env], step.state);
    this.state = step.state;
    const twice = event.type === 'acquired' || event.type === 'released' || event.type === 'judged';
    if (twice)
      must(unchanged(step.state, pureStep(stepLease, [step.state, event, env])), `"${event.type}" counts once`);
  }

  /** Each is answered once, waits on, or has left; nobody hears of an error while there is something for them. */
  #checkCallers([before, event, env]: Before, { state, effects }: After): void {
    const above = new Map(before.waiters.map((waiter) => [waiter.id, waiter.above]));
    if (event.type === 'get') above.set(event.waiter, null);
    if (event.type === 'renew') above.set(event.waiter, before.generation);
    if (event.type === 'get' || event.type === 'renew') this.#waiting.add(event.waiter);
    if (event.type === 'leave') this.#waiting.delete(event.waiter);
    const ends = isEnd(before, event);
    for (const effect of effects) {
      if (effect.type !== 'serve' && effect.type !== 'fail') continue;
      must(this.#waiting.delete(effect.waiter), 'nobody is answered twice, or after leaving');
      const wish = { above: above.get(effect.waiter) ?? null };
      const had = ends ? null : answerFor(before, env.now, wish);
      const has = answerFor(state, env.now, wish);
      if (effect.type === 'fail') must(!had && !has, 'nobody is told of an error while there is something to serve');
      else {
        must(effect.served === has, 'what is served is servable');
        this.#checkServed(effect.served, env, wish.above);
      }
    }
    must(sameMembers(this.#waiting, state.waiters), 'who was not answered still waits');
    const overdue = event.type === 'alarm' && state.waiters.some(({ deadline }) => deadline <= env.mono);
    must(!overdue, 'nobody waits beyond their hold');
    const alarm = leaseAlarm(state);
    must(
      state.waiters.every(({ deadline }) => alarm !== null && alarm <= deadline),
      'it wakes for who waits',
    );
  }

  #checkServed(served: Issued['served'], { now }: LeaseEnv, above: number | null): void {
    const { floorMs, exclusiveFloorMs } = defaults.refresh;
    const usual = this.#renewal === 'overlap' ? floorMs : exclusiveFloorMs;
    const floor = Math.min(usual, (this.#lives.get(served) ?? 0) / 10);
    must(served.expiresAt - now > floor, 'nothing is served at its floor or below');
    must(served.generation > (above ?? 0), 'who wants a new set gets a newer one');
  }

  /** One call at a time, none before its gate, none while upstream may not be asked. */
  #checkCalls([before, event, env]: Before, { state, effects }: After): void {
    const answers = (event.type === 'acquired' || event.type === 'released') && !isLate(before, event);
    if (answers) this.#underway.delete(event.id);
    for (const effect of effects) {
      if (effect.type === 'abort') must(this.#underway.delete(effect.id), 'only what is under way is aborted');
      if (effect.type !== 'acquire' && effect.type !== 'release') continue;
      must(this.#underway.size === 0, 'two calls are never under way');
      this.#underway.add(effect.id);
      if (effect.type === 'release') continue;
      must(state.gateAt <= env.mono, 'no call begins before its gate');
      must(env.access.type === 'ready', 'no call begins without a session');
      const { flight } = state;
      const inTurn = flight?.stage === 'call' && !env.closed(flight.foreground ? 'program' : 'behind');
      must(inTurn, 'no call begins out of turn');
    }
  }

  #env({ access, closed, random }: LeaseMove): LeaseEnv {
    const until = mono(this.#mono + seconds(2));
    const why = failure('UpstreamUnavailable', 'not now');
    const offers: Record<LeaseMove['access'], SessionAccess> = {
      ready: { type: 'ready', generation: this.#tokens },
      next: { type: 'ready', generation: this.#tokens },
      pending: { type: 'pending', failure: why },
      refused: { type: 'refused', failure: failure('LoginRequired', 'sign in'), retryAt: null },
      retries: { type: 'refused', failure: why, retryAt: until },
    };
    return {
      now: epoch(this.#now),
      mono: mono(this.#mono),
      random,
      access: offers[access],
      numbers: defaults.refresh,
      profile: 'dev',
      who: 'session "work"',
      renewal: this.#renewal,
      prefetch: true,
      timeoutMs: null,
      closed: (foreground) =>
        closed === 'no' || (closed === 'turn' && foreground)
          ? null
          : { until, failure: closed === 'turn' ? null : why },
      draw: (generation) => (generation % 10) / 10,
    };
  }

  #event(happens: Happening): LeaseEvent {
    switch (happens.type) {
      case 'get':
        return { ...happens, waiter: ++this.#callers };
      case 'renew':
        return { ...happens, waiter: ++this.#callers };
      case 'leave':
        return { type: 'leave', waiter: this.#callers - happens.back };
      case 'judged':
        return { type: 'judged', generation: this.#tokens - happens.back, good: happens.good };
      case 'acquired':
        return { type: 'acquired', id: this.state.calls - happens.back, verdict: this.#verdict(happens.answer) };
      case 'gated':
        return { type: 'gated', id: this.state.calls - happens.back, failure: waitsForApproval };
      case 'released':
        return { type: 'released', id: this.state.calls - happens.back };
      case 'drop':
        return { ...happens, failure: gone };
      default:
        return happens;
    }
  }

  #verdict({ kind, ms }: Answer): Verdict<Issued> {
    const expiresAt = epoch(this.#now + ms);
    const verdicts: Record<Answer['kind'], Verdict<Issued>> = {
      ok: {
        type: 'ok',
        value: { served: this.#served(expiresAt), expiresAt, checkout: { transaction: 't', expiresAt } },
      },
      transient: transient(ms % 2 === 0 ? null : Math.abs(ms)),
      ambiguous: { type: 'ambiguous', detail: 'no answer' },
      'not-yet': { type: 'not-yet', retryAt: expiresAt },
      ...{ rejected, unauthorized, denied },
    };
    return verdicts[kind];
  }

  #served(expiresAt: Issued['expiresAt']): Issued['served'] {
    const nothing = new Uint8Array();
    const generation = this.state.generation + 1;
    const documents = { container: nothing, process: nothing };
    const served = { profile: 'dev', generation, expiresAt, keySuffix: '', transaction: null, ...documents };
    this.#lives.set(served, expiresAt - this.#now);
    return served;
  }
}
