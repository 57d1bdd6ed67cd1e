/** The one call that is not idempotent, and the doubt that a lost answer leaves. */
import { wait } from '../wait.ts';
import { type NewCheckout, parseCheckout, requestCheckout } from './access.ts';
import { stopped } from './ask.ts';
import { look } from './checking.ts';
import { denied } from './errors.ts';
import { gate } from './gates.ts';
import type { Operation, State } from './operation.ts';
import { done, failed, tell } from './operation.ts';
import { mayHaveWorked } from './reply.ts';
import { pause } from './retry.ts';
import type { CheckoutState } from './rows.ts';

type Op = Operation<unknown>;

const resends = 4;

export const posting = async (op: Op): Promise<State<never>> => {
  tell(op, 'checkout.post');
  const parsed = parseCheckout(await requestCheckout(op.call, op.key, op.memory.input));
  if (parsed.type === 'ok') return posted(op, parsed.value);
  if (parsed.type === 'refused') return gate(op, parsed);
  if (parsed.type === 'maintenance') return failed(op, parsed);
  if (parsed.why === 'aborted') return done({ type: 'ambiguous', detail: parsed.detail });
  if (mayHaveWorked(parsed)) return { at: 'ambiguous', detail: parsed.detail };
  // Refused before it was read, so the same once more does no harm.
  const attempt = op.memory.before('resend');
  if (attempt === resends) return failed(op, parsed);
  return (await pause(op.call, attempt, parsed)) ? { at: 'posting' } : done(stopped);
};

const posted = (op: Op, checkout: NewCheckout): State<never> => {
  switch (checkout.liveness) {
    case 'live':
      return { at: 'fetching', row: checkout };
    case 'failed-out':
      return failedOut(checkout);
    default:
      tell(op, 'checkout.wait');
      return { at: 'waiting-out', transaction: checkout.transaction };
  }
};

export const failedOut = ({ status, error }: Pick<CheckoutState, 'status' | 'error'>): State<never> =>
  done(denied('checkout-failed', `failed: ${error ?? status}`));

const looks = 3;
const betweenLooksMs = 2_000;

/** Nobody knows whether it worked: the list does, a moment later. */
export const ambiguous = async (op: Op, detail: string): Promise<State<never>> => {
  for (let turn = 0; turn < looks; turn++) {
    const found = await look(op);
    if (found.type === 'refused' || found.type === 'maintenance') return failed(op, found);
    const row = found.type === 'ok' ? found.value : null;
    if (row?.liveness === 'live') return { at: 'fetching', row };
    if (row?.liveness === 'pending-out') return { at: 'waiting-out', transaction: row.transaction };
    if (!(await wait(op.call.connection.dependencies, betweenLooksMs, op.call.signal))) return done(stopped);
  }
  return op.memory.allows('post again') ? { at: 'posting' } : done({ type: 'ambiguous', detail });
};
