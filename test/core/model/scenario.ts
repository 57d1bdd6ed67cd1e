/** Reads `scenarios.json`: what is given, what happens step by step, and whom the broker turns to. */
import { BrokerError } from '../../../src/core/errors.ts';
import { epoch, type RefreshedTokens, type Renewal, type Verdict } from '../../../src/core/types.ts';
import { hours, seconds, settled } from '../../support/fake-clock.ts';
import { denied, ok, rejected, transient, unauthorized } from '../../support/fake-upstream.ts';
import { type Asked, loginOptions, testBroker } from '../../support/test-broker.ts';
import { type Answers, type Contact, duration, type ScenarioText, type StepText } from './scenario-text.ts';

const heartbeatMs = seconds(15);

type Parts = Awaited<ReturnType<typeof testBroker>>;

export class Scenario {
  readonly #parts: Parts;
  readonly #renewal: Renewal;
  #answers: Required<Answers> = { credentials: '1h', refresh: '1h', probe: 'accepted' };
  #asked: Asked[] = [];
  #seen: Contact = {};
  #notices = 0;
  readonly #answered = new Set<object>();

  private constructor(parts: Parts, renewal: Renewal) {
    this.#parts = parts;
    this.#renewal = renewal;
  }

  static async open({
    credentials,
    session = '8h',
    refreshable = true,
    renewal = 'overlap',
    user = 'present',
  }: NonNullable<ScenarioText['given']> = {}): Promise<Scenario> {
    const parts = await testBroker({
      renewal,
      presence: user,
      stored: (upstream) =>
        session === 'none' ? null : upstream.record(duration(session), refreshable ? {} : { refreshToken: null }),
    });
    const scenario = new Scenario(parts, renewal);
    if (credentials) await scenario.#hold(credentials);
    return scenario;
  }

  /** What came of it, in the words of the table. */
  async play(step: StepText): Promise<Pick<Required<StepText>, 'hears' | 'contact' | 'told'>> {
    this.#answers = { ...this.#answers, ...step.upstream };
    this.#asked = [];
    if (step.sleeps) this.#parts.clock.sleep(duration(step.sleeps));
    if (step.happens) await this.#happens(step.happens);
    await this.#pass(duration(step.passes ?? '0s'), /^every (.*)$/.exec(step.asks ?? '')?.[1] ?? null, step.holds);
    if (step.asks === 'once') await this.#ask(step.holds);
    if (step.holds) await this.#pass(duration(step.holds), null);
    return { hears: this.#heard(), contact: this.#contacts(), told: this.#told() };
  }

  async #hold(life: string): Promise<void> {
    this.#answers = { ...this.#answers, credentials: life };
    await this.#ask();
    this.#contacts();
  }

  async #pass(ms: number, everyText: string | null, holds?: string): Promise<void> {
    const every = everyText === null ? null : duration(everyText);
    let [sinceBeat, sinceAsk] = [0, 0];
    for (let left = ms; left > 0; ) {
      const slice = Math.min(left, heartbeatMs - sinceBeat, every === null ? left : every - sinceAsk);
      await this.#letPass(slice);
      left -= slice;
      sinceBeat += slice;
      sinceAsk += slice;
      if (sinceBeat >= heartbeatMs) this.#parts.broker.beat();
      if (sinceBeat >= heartbeatMs) sinceBeat = 0;
      if (every !== null && sinceAsk >= every) {
        await this.#ask(holds);
        sinceAsk = 0;
      }
      await this.#answerAll();
    }
  }

  async #ask(holds?: string): Promise<void> {
    this.#asked.push(this.#parts.get('dev', holds ? { holdMs: duration(holds) } : {}));
    await this.#answerAll();
  }

  async #happens(what: NonNullable<StepText['happens']>): Promise<void> {
    const { broker, upstream } = this.#parts;
    if (what === 'the user logs out') await broker.logout('work');
    if (what === 'the user checks in') void broker.checkin('dev');
    if (what === 'the user signs in') broker.login('work', loginOptions()).catch(() => {});
    await settled();
    if (what === 'the user signs in' || what === 'the window is finished') {
      upstream.logins.at(-1)?.answer({ type: 'ok', ...this.#tokens(hours(8)) });
    }
    await this.#answerAll();
  }

  /** Upstream answers at once, in the midst of what passes. */
  async #letPass(ms: number): Promise<void> {
    let passes = true;
    const answering = async (): Promise<void> => {
      for (; passes; await new Promise((resolve) => setImmediate(resolve))) this.#answerOpen();
    };
    const answered = answering();
    await this.#parts.clock.pass(ms);
    passes = false;
    await answered;
  }

  async #answerAll(): Promise<void> {
    await settled();
    while (this.#answerOpen()) await settled();
  }

  /** Says whether there was anything to answer. */
  #answerOpen(): boolean {
    const { upstream } = this.#parts;
    const { credentials, refresh, probe } = this.#answers;
    const open = <T extends object>(calls: readonly T[], answer: string, give: (call: T) => void): boolean => {
      const due = answer === 'silent' ? [] : calls.filter((call) => !this.#answered.has(call));
      for (const call of due) this.#answered.add(call);
      for (const call of due) give(call);
      return due.length > 0;
    };
    return [
      open(upstream.acquires, credentials, (call) => call.answer(this.#verdict(credentials, (ms) => this.#issue(ms)))),
      open(upstream.refreshes, refresh, (call) => call.answer(this.#verdict(refresh, (ms) => this.#tokens(ms)))),
      open(upstream.probes, probe, (call) => call.answer(this.#verdict(probe, () => undefined))),
      open(upstream.releaseAnswers, '', (answer) => answer(ok(undefined))),
    ].some((any) => any);
  }

  #issue(lifeMs: number) {
    return this.#parts.upstream.credentials(lifeMs, { transaction: this.#renewal === 'overlap' ? null : 'checkout-1' });
  }

  #tokens(lifeMs: number): RefreshedTokens {
    return { record: this.#parts.upstream.record(lifeMs), lifetimeMs: lifeMs };
  }

  #verdict<T>(answer: string, issue: (lifeMs: number) => T): Verdict<T> {
    const [word = '', ms] = answer.split(' ');
    const fixed: Readonly<Record<string, Verdict<T>>> = {
      ...{ rejected, denied, refused: unauthorized, unreachable: transient() },
      'not-yet': { type: 'not-yet', retryAt: epoch(this.#parts.clock.now() + (ms ? duration(ms) : 0)) },
      lost: { type: 'ambiguous', detail: 'no answer' },
      'slow-down': transient(ms ? duration(ms) : null),
      accepted: ok(issue(0)),
    };
    return fixed[word] ?? ok(issue(duration(answer)));
  }

  #heard(): readonly string[] {
    return [...new Set(this.#asked.map(wordsFor))];
  }

  /** Since the last step. */
  #contacts(): Contact {
    const { upstream } = this.#parts;
    const extensions =
      this.#renewal === 'extend' ? upstream.requests.filter(({ checkout }) => checkout !== null).length : 0;
    const now: Required<Contact> = {
      credentials: upstream.requests.length - extensions,
      extension: extensions,
      release: upstream.releases.length,
      refresh: upstream.refreshes.length,
      probe: upstream.probes.length,
      window: upstream.logins.length,
    };
    const before = this.#seen;
    this.#seen = now;
    const since = Object.entries(now).map(
      ([what, count]) => [what, count - (before[what as keyof Contact] ?? 0)] as const,
    );
    return Object.fromEntries(since.filter(([, count]) => count > 0));
  }

  #told(): readonly string[] {
    const kinds = this.#parts.notices.slice(this.#notices).map(({ kind }) => kind);
    this.#notices = this.#parts.notices.length;
    return kinds;
  }
}

function wordsFor({ outcome }: Asked): string {
  if (outcome === null) return 'waits';
  if (outcome instanceof BrokerError) return outcome.code;
  return outcome instanceof Error ? outcome.message : `set ${outcome.generation}`;
}
