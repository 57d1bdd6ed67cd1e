/** What is remembered of a session across restarts, beside its tokens. */
import { type LoginHistory, noHistory } from './login-policy.ts';
import { type EpochMs, epoch } from './types.ts';

export interface SessionMemo {
  readonly history: LoginHistory;
  /** Fingerprint of the refresh token that the server refused: asking with it again proves nothing new. */
  readonly rejected: string | null;
  /** A refresh that was sent and not known to be answered: a crash since then may have lost its rotated token. */
  readonly intent: { readonly fingerprint: string; readonly at: EpochMs } | null;
  /** The sign-in itself ends then: lifetimes shrink towards it. */
  readonly endsAt: EpochMs | null;
  /** Fingerprint of the tokens that the user signed out of: found in the store again, they were not deleted. */
  readonly forgotten: string | null;
  /** When the person was last told that a sign-in is needed, or soon will be. */
  readonly remindedAt: EpochMs | null;
}

export const noMemo: SessionMemo = {
  history: noHistory,
  rejected: null,
  intent: null,
  endsAt: null,
  forgotten: null,
  remindedAt: null,
};

type Fields<T> = Partial<Record<keyof T, unknown>>;

/** Throws for what was never saved. */
export function parseMemo(value: unknown): SessionMemo {
  if (typeof value !== 'object' || value === null) throw new Error('it is not an object');
  const { history, rejected, intent, endsAt, forgotten, remindedAt }: Fields<SessionMemo> = value;
  return {
    history: parseHistory(history),
    rejected: typeof rejected === 'string' ? rejected : null,
    intent: parseIntent(intent),
    endsAt: timeOf(endsAt),
    forgotten: typeof forgotten === 'string' ? forgotten : null,
    remindedAt: timeOf(remindedAt),
  };
}

function parseHistory(value: unknown): LoginHistory {
  if (typeof value !== 'object' || value === null) throw new Error('the history of sign-ins is missing');
  const { signedOut, unanswered, cooldownUntil, succeededAt }: Fields<LoginHistory> = value;
  if (typeof signedOut !== 'boolean' || !Array.isArray(unanswered)) throw new Error('a history is incomplete');
  return {
    signedOut,
    unanswered: unanswered.filter((at) => typeof at === 'number').map(epoch),
    cooldownUntil: timeOf(cooldownUntil) ?? epoch(0),
    succeededAt: timeOf(succeededAt),
  };
}

function parseIntent(value: unknown): SessionMemo['intent'] {
  if (typeof value !== 'object' || value === null) return null;
  const { fingerprint, at }: { fingerprint?: unknown; at?: unknown } = value;
  return typeof fingerprint === 'string' && typeof at === 'number' ? { fingerprint, at: epoch(at) } : null;
}

const timeOf = (value: unknown): EpochMs | null => (typeof value === 'number' ? epoch(value) : null);
