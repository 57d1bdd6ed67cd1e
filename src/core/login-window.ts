/** Whether a window would open by itself, in the words of the control plane. */
import { type Restraint, whyNot } from './login-policy.ts';
import { isByToken, type SessionEnv, type SessionState } from './session-state.ts';
import type { WindowView } from './views.ts';
import { wireTime } from './wire-time.ts';

interface HeldBack {
  readonly reason: NonNullable<WindowView['heldBack']>;
  readonly until: Restraint['until'];
}

export function windowView(state: SessionState, env: SessionEnv, canOpenBrowser: boolean): WindowView {
  const heldBack = restraint(state, env, canOpenBrowser);
  return {
    heldBack: heldBack?.reason ?? null,
    until: heldBack?.until == null ? null : wireTime(heldBack.until),
    lookedAt: state.presence && wireTime(state.presence.at),
  };
}

function restraint(state: SessionState, env: SessionEnv, canOpenBrowser: boolean): HeldBack | null {
  const { memo, presence } = state;
  if (isByToken(state)) return { reason: 'by-token', until: null };
  const byHistory = whyNot(memo.history, env.now, env.numbers.login);
  if (byHistory?.reason === 'signed-out') return byHistory;
  if (!canOpenBrowser) return { reason: 'no-browser', until: null };
  if (env.loginMode === 'manual') return { reason: 'manual', until: null };
  return byHistory ?? (presence?.value === 'away' ? { reason: 'away', until: null } : null);
}
