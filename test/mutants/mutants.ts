/** Deliberate faults, the real ones of other tools among them. The simulator has to notice each of them. */

export interface Mutant {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'a retry pause that is computed and not applied (HashiCorp Vault)',
    file: 'core/lease-outcome.ts',
    from: 'gateAt: mono(turn.env.mono + Math.max(pause, asked))',
    to: 'gateAt: mono(turn.env.mono + Math.min(pause, asked))',
  },
  {
    name: 'a session that is refreshed again at once after a failure',
    file: 'core/session-record.ts',
    from: 'mono(at + Math.max(pause, Math.min(retryAfterMs, numbers.retryAfterCapMs)))',
    to: 'mono(at + 0 * Math.max(pause, retryAfterMs))',
  },
  {
    name: 'expiry by a clock that stands still while the machine sleeps (lru-cache)',
    file: 'adapters/effective-clock.ts',
    from: 'wallStep < monoStep - setBackMs ? monoStep : wallStep',
    to: 'Math.min(wallStep, monoStep)',
  },
  {
    name: 'a wall clock that is believed when it is set back',
    file: 'adapters/effective-clock.ts',
    from: 'wallStep < monoStep - setBackMs ? monoStep : wallStep',
    to: 'wallStep',
  },
  {
    name: 'a server whose time is not listened to',
    file: 'adapters/effective-clock.ts',
    from: 'this.#effective = serverNow;',
    to: '',
  },
  {
    name: 'any failed refresh opens a browser (aws-sso-refresh)',
    file: 'core/session-refresh.ts',
    from: 'return failed(turn, verdict, verdict.retryAfterMs ?? 0);',
    to: 'turn.set({ flight: null, refusedAt: turn.env.now }); return openOnDemand(turn);',
  },
  {
    name: 'a window on the word of the local clock alone',
    file: 'core/session-login.ts',
    from: 'if (age !== null && age >= 0 && age < evidenceMs) return openLogin(turn, false);',
    to: 'if (age === null || age >= 0) return openLogin(turn, false);',
  },
  {
    name: 'a transient failure that counts as a refusal (brev)',
    file: 'core/session-refresh.ts',
    from: 'return failed(turn, verdict, verdict.retryAfterMs ?? 0);',
    to: 'return refusalBelieved(turn);',
  },
  {
    name: 'a valid access token that is thrown away with its refused refresh token (brev)',
    file: 'core/session-refresh.ts',
    from: 'turn.set({ flight: null, refreshRejected: true, lastFailure: null });',
    to: 'turn.set({ flight: null, refreshRejected: true, dead: true, lastFailure: null });',
  },
  {
    name: 'a rotated refresh token that is not kept (aws-sso-refresh)',
    file: 'core/session-refresh.ts',
    from: "return beginPersist(turn, verdict.value, 'refresh');",
    to: "return beginPersist(turn, { ...verdict.value, record: { ...verdict.value.record, refreshToken: turn.state.record?.refreshToken ?? null } }, 'refresh');",
  },
  {
    name: 'new tokens that are used before they are stored',
    file: 'core/session-refresh.ts',
    from: "return beginPersist(turn, verdict.value, 'refresh');",
    to: "install(turn, verdict.value.record, verdict.value.lifetimeMs); return beginPersist(turn, verdict.value, 'memory');",
  },
  {
    name: 'a caller who hangs up takes the others along (lru-cache)',
    file: 'core/lease.ts',
    from: 'turn.set({ waiters: turn.state.waiters.filter(({ id }) => id !== event.waiter) })',
    to: 'turn.set({ waiters: [] })',
  },
  {
    name: 'a window for each caller (aws-sso-cli)',
    file: 'core/session-login.ts',
    from: '  if (state.login) return;\n  // Somebody may just',
    to: '  if (state.login) turn.set({ login: null });\n  // Somebody may just',
  },
  {
    name: 'a call that has run out of time is not cut off',
    file: 'core/lease.ts',
    from: "turn.emit({ type: 'abort', id: flight.id, timedOut: true });\n    concluded(",
    to: 'concluded(',
  },
  {
    name: 'a refresh that has run out of time is not cut off',
    file: 'core/session.ts',
    from: "    turn.emit({ type: 'abort', id: flight.id });\n",
    to: '',
  },
  {
    name: 'good credentials are thrown away before new ones are asked for (granted)',
    file: 'core/lease-flight.ts',
    from: 'turn.set({ calls: id, flight, forced: false, heldBack: false });',
    to: 'turn.set({ calls: id, flight, forced: false, heldBack: false, held: null });',
  },
  {
    name: 'credentials that arrive after a logout are taken',
    file: 'core/lease-end.ts',
    from: 'turn.set({ ...newLease(checkout), generation, calls });',
    to: 'turn.set({ ...newLease(checkout), generation, calls, flight: turn.state.flight });',
  },
  {
    name: 'what was issued before a logout is served after it',
    file: 'core/lease-end.ts',
    from: 'turn.set({ ...newLease(checkout), generation, calls });',
    to: 'turn.set({ ...newLease(checkout), generation, calls, held: turn.state.held });',
  },
  {
    name: 'a late answer about the old tokens is believed of the new ones',
    file: 'core/session.ts',
    from: 'if (event.id !== flight?.id) return;',
    to: 'if (!flight) return;',
  },
  {
    name: 'a browser that opens after an explicit logout',
    file: 'core/session-end.ts',
    from: 'signedOut: true',
    to: 'signedOut: false',
  },
  {
    name: 'no pause after a window that nobody answered (granted)',
    file: 'core/login-policy.ts',
    from: 'if (now < history.cooldownUntil) return',
    to: 'if (now < 0) return',
  },
  {
    name: 'no limit of windows a day',
    file: 'core/login-policy.ts',
    from: 'today.length >= numbers.maxUnansweredPerDay',
    to: 'today.length > 1_000',
  },
  {
    name: 'windows that a restart forgets',
    file: 'core/session-runner.ts',
    from: 'if (state.memo !== before.memo) this.parts.saveMemo(state.memo);',
    to: '',
  },
  {
    name: 'a window for nobody: the user is away',
    file: 'core/session-login.ts',
    from: "if (state.presence?.value === 'away') return suppress(turn);",
    to: '',
  },
  {
    name: 'one profile that is refused logs the session out',
    file: 'core/session.ts',
    from: '  // A refresh under way will bring another token; its outcome judges this one.\n',
    to: '  turn.set({ dead: true, refreshRejected: true, refusedAt: env.now });\n',
  },
  {
    name: 'credentials in their last minute are handed out',
    file: 'core/freshness.ts',
    from: 'if (now >= schedule.spentAt) return',
    to: 'if (now >= schedule.expiresAt) return',
  },
  {
    name: 'renewing goes on for ever when nobody asks',
    file: 'core/lease-outcome.ts',
    from: 'waiters.length === 0 && !isForeground(flight) ? 0 : credit',
    to: '1',
  },
  {
    name: 'two calls at once for one profile (rolesanywhere)',
    file: 'core/lease-flight.ts',
    from: "    if (flight.stage === 'token' && foreground && !flight.foreground) ask(turn, true, flight.suspect);\n    return;\n",
    to: "    if (flight.stage === 'token' && foreground && !flight.foreground) ask(turn, true, flight.suspect);\n    if (flight.stage !== 'call' || !foreground) return;\n",
  },
  {
    name: 'a set that ends sooner replaces one that ends later',
    file: 'core/lease-outcome.ts',
    from: 'if (left > worthlessMs && (!notLonger || forced)) return',
    to: 'if (left > worthlessMs) return',
  },
  {
    name: 'an upstream that is asked without measure',
    file: 'core/upstream-gate.ts',
    from: 'return missing <= 0 ? null',
    to: 'return missing <= 1e9 ? null',
  },
  {
    name: 'an upstream that is given up for good after some failures',
    file: 'core/upstream-gate.ts',
    from: "if (verdict.type !== 'transient' && verdict.type !== 'ambiguous') return this.reset();",
    to: "if (verdict.type !== 'transient' && verdict.type !== 'ambiguous') return;",
  },
  {
    name: 'pauses from before a sleep that go on after it',
    file: 'core/lease.ts',
    from: 'turn.set({ gateAt: mono(0), gatedBySession: false, failures: 0, negative: null, quietUntil });',
    to: 'turn.set({ quietUntil });',
  },
  {
    name: 'callers who are told to sign in after somebody did',
    file: 'core/session-record.ts',
    from: "  turn.emit({ type: 'signed-in' });\n",
    to: '',
  },
  {
    name: 'a keychain that is locked counts as a logout',
    file: 'core/session-refresh.ts',
    from: "if (found.type === 'gone' && !unsaved(turn.state)) return",
    to: "if (found.type !== 'found') return",
  },
  {
    name: 'tokens that could not be stored are forgotten',
    file: 'core/session-record.ts',
    from: 'else install(turn, tokens.record, tokens.lifetimeMs);',
    to: "else if (outcome.type !== 'failed') install(turn, tokens.record, tokens.lifetimeMs);\n  else turn.set({ flight: null });",
  },
  {
    name: 'a caller who is kept waiting beyond its hold',
    file: 'core/lease.ts',
    from: 'if (turn.env.mono >= waiter.deadline) dismiss(turn, waiter);',
    to: 'if (turn.env.mono >= waiter.deadline + 5_000) dismiss(turn, waiter);',
  },
  {
    name: 'a lost answer that is asked for again only when the server allows it no more',
    file: 'core/session-refresh.ts',
    from: 'const ambiguousPausesMs = [1_000, 3_000, 8_000];',
    to: 'const ambiguousPausesMs = [40_000];',
  },
  {
    name: 'a checkout that is ended while others use its keys (pybritive)',
    file: 'core/lease-flight.ts',
    from: "turn.emit({ type: 'acquire', id, checkout, force });",
    to: "turn.emit({ type: 'acquire', id, checkout, force: force || checkout !== null });",
  },
  {
    name: 'new credentials before upstream has taken the old ones back',
    file: 'core/lease-end.ts',
    from: "turn.set({ calls: id, flight: { stage: 'release', id, deadline } });",
    to: 'turn.set({ calls: id });',
  },
];
