import type { Clock } from '../../core/ports.ts';
import type { Verdict } from '../../core/types.ts';
import type { Wish } from '../../core/wish.ts';
import type { Reply } from './call.ts';
import { codeIsSpent, denied } from './errors.ts';
import type { SecondFactor } from './operations.ts';

/**
 * How long a code is remembered: the step of 30 s it belongs to, and one on either side. By the monotonic clock, since
 * an answer of STS may set the other one right.
 */
const spentMs = 90_000;

/**
 * Codes are spent by being sent: AWS takes none twice, and whoever sends one twice only learns that. The answer "no" of
 * this class costs nobody a code.
 */
export class OneTimePasswords {
  readonly #spent = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The verdict `needs-otp`, of which a person is told why, or what `call` made of the code. */
  async spend(
    serial: string,
    wish: Wish | null,
    call: (factor: SecondFactor) => Promise<Reply>,
  ): Promise<Reply | Extract<Verdict<never>, { type: 'denied' }>> {
    wish?.progress({ event: 'mfa.required', detail: null });
    const code = wish?.answers.otp ?? null;
    const problem = this.#problem(serial, code);
    if (code === null || problem !== null) return denied('needs-otp', problem ?? '');
    const key = `${serial} ${code}`;
    this.#spent.set(key, this.#clock.mono());
    const reply = await call({ serial, code });
    if (reply.type === 'failure' && !reply.maybeProcessed) this.#spent.delete(key);
    return reply;
  }

  #problem(serial: string, code: string | null): string | null {
    if (code === null) return `a one-time password of the MFA device "${serial}" is needed`;
    if (!/^\d{6}$/.test(code)) return `a one-time password of the MFA device "${serial}" has six digits`;
    for (const [key, at] of this.#spent) if (this.#clock.mono() - at >= spentMs) this.#spent.delete(key);
    return this.#spent.has(`${serial} ${code}`) ? codeIsSpent : null;
  }
}
