/** Deliberate faults, the real ones of other tools among them. The simulator has to notice each of them. */

interface Edit {
  /** Below `src/`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

export interface Mutant {
  readonly name: string;
  /** More than one where a fault has two guards. */
  readonly edits: readonly Edit[];
  /** How long each seed runs, in virtual hours; for faults that take more than a working day to show. */
  readonly hours?: number;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'a retry pause that is computed and not applied (HashiCorp Vault)',
    edits: [
      {
        file: 'core/lease-outcome.ts',
        from: 'gateAt: mono(turn.env.mono + Math.max(pause, asked))',
        to: 'gateAt: mono(turn.env.mono + Math.min(pause, asked))',
      },
    ],
  },
  {
    name: 'a session that is refreshed again at once after a failure',
    edits: [
      {
        file: 'core/session-record.ts',
        from: 'mono(at + Math.max(pause, Math.min(retryAfterMs, numbers.retryAfterCapMs)))',
        to: 'mono(at + 0 * Math.max(pause, retryAfterMs))',
      },
    ],
  },
  {
    name: 'expiry by a clock that stands still while the machine sleeps (lru-cache)',
    edits: [
      {
        file: 'adapters/effective-clock.ts',
        from: 'wallStep < monoStep - setBackMs ? monoStep : wallStep',
        to: 'Math.min(wallStep, monoStep)',
      },
    ],
  },
  {
    name: 'a wall clock that is believed when it is set back',
    edits: [
      {
        file: 'adapters/effective-clock.ts',
        from: 'wallStep < monoStep - setBackMs ? monoStep : wallStep',
        to: 'wallStep',
      },
    ],
  },
  {
    name: 'a server whose time is not listened to',
    edits: [
      {
        file: 'adapters/effective-clock.ts',
        from: 'this.#effective = serverNow;',
        to: '',
      },
    ],
  },
  {
    name: 'any failed refresh opens a browser (aws-sso-refresh)',
    edits: [
      {
        file: 'core/session-refresh.ts',
        from: 'return failed(turn, verdict, verdict.retryAfterMs ?? 0);',
        to: 'turn.set({ flight: null, refusedAt: turn.env.now }); return openOnDemand(turn);',
      },
    ],
  },
  {
    name: 'a window on the word of the local clock alone',
    edits: [
      {
        file: 'core/session-login.ts',
        from: 'if (isRecent(state.refusedAt, env.now, evidenceMs)) return openLogin(turn, false);',
        to: 'return openLogin(turn, false);',
      },
    ],
  },
  {
    name: 'a transient failure that counts as a refusal (brev)',
    edits: [
      {
        file: 'core/session-refresh.ts',
        from: 'return failed(turn, verdict, verdict.retryAfterMs ?? 0);',
        to: 'return refusalBelieved(turn);',
      },
    ],
  },
  {
    name: 'a valid access token that is thrown away with its refused refresh token (brev)',
    edits: [
      {
        file: 'core/session-refresh.ts',
        from: 'turn.set({ flight: null, refreshRejected: true, lastFailure: null });',
        to: 'turn.set({ flight: null, refreshRejected: true, dead: true, lastFailure: null });',
      },
    ],
  },
  {
    name: 'a rotated refresh token that is not kept (aws-sso-refresh)',
    edits: [
      {
        file: 'core/session-refresh.ts',
        from: "return beginPersist(turn, verdict.value, 'refresh');",
        to: "return beginPersist(turn, { ...verdict.value, record: { ...verdict.value.record, refreshToken: turn.state.record?.refreshToken ?? null } }, 'refresh');",
      },
    ],
  },
  {
    name: 'new tokens that are used before they are stored',
    edits: [
      {
        file: 'core/session-refresh.ts',
        from: "return beginPersist(turn, verdict.value, 'refresh');",
        to: "install(turn, verdict.value.record, verdict.value.lifetimeMs); return beginPersist(turn, verdict.value, 'memory');",
      },
    ],
  },
  {
    name: 'a caller who hangs up takes the others along (lru-cache)',
    edits: [
      {
        file: 'core/lease-waiting.ts',
        from: 'waiter: number): void {\n  turn.set({ waiters: turn.state.waiters.filter(({ id }) => id !== waiter) });',
        to: 'waiter: number): void {\n  turn.set({ waiters: [] });',
      },
    ],
  },
  {
    name: 'a window for each caller (aws-sso-cli)',
    edits: [
      {
        file: 'core/session-login.ts',
        from: '  if (state.login) return;\n  // Somebody may just',
        to: '  if (state.login) turn.set({ login: null });\n  // Somebody may just',
      },
    ],
  },
  {
    name: 'a call that has run out of time is not cut off',
    edits: [
      {
        file: 'core/lease.ts',
        from: "turn.emit({ type: 'abort', id: flight.id, timedOut: true });\n    concluded(",
        to: 'concluded(',
      },
    ],
  },
  {
    name: 'a refresh that has run out of time is not cut off',
    edits: [
      {
        file: 'core/session.ts',
        from: "    turn.emit({ type: 'abort', id: flight.id });\n",
        to: '',
      },
    ],
  },
  {
    name: 'good credentials are thrown away before new ones are asked for (granted)',
    edits: [
      {
        file: 'core/lease-flight.ts',
        from: 'turn.set({ calls: id, flight, behindAt: null });',
        to: 'turn.set({ calls: id, flight, behindAt: null, held: null });',
      },
    ],
  },
  {
    name: 'what was issued before a logout is served after it',
    edits: [
      {
        file: 'core/lease-end.ts',
        from: 'turn.set({ ...newLease(checkout), generation, calls, lastAttempt });',
        to: 'turn.set({ ...newLease(checkout), generation, calls, lastAttempt, held: turn.state.held });',
      },
    ],
  },
  {
    name: 'a refresh under way that brings the session back after a logout',
    edits: [
      {
        file: 'core/session-end.ts',
        from: "  if (state.flight) turn.emit({ type: 'abort', id: state.flight.id });\n",
        to: '',
      },
      {
        file: 'core/session-end.ts',
        from: 'generation: state.generation + 1,',
        to: 'flight: state.flight, generation: state.generation + 1,',
      },
    ],
  },
  {
    name: 'a browser that opens after an explicit logout',
    edits: [
      {
        file: 'core/session-end.ts',
        from: 'signedOut: true',
        to: 'signedOut: false',
      },
    ],
  },
  {
    name: 'no pause after a window that nobody answered (granted)',
    edits: [
      {
        file: 'core/login-policy.ts',
        from: 'if (now < history.cooldownUntil) return',
        to: 'if (now < 0) return',
      },
    ],
  },
  {
    name: 'no limit of windows a day',
    edits: [
      { file: 'core/login-policy.ts', from: 'today.length >= numbers.maxUnansweredPerDay', to: 'today.length > 1_000' },
    ],
    hours: 40,
  },
  {
    name: 'windows that a restart forgets',
    edits: [
      {
        file: 'core/session-runner.ts',
        from: 'if (state.memo !== before.memo) this.parts.saveMemo(state.memo);',
        to: '',
      },
    ],
  },
  {
    name: 'a window for nobody: the user is away',
    edits: [
      {
        file: 'core/session-login.ts',
        from: "if (state.presence?.value === 'away') return suppress(turn);",
        to: '',
      },
    ],
  },
  {
    name: 'one profile that is refused logs the session out',
    edits: [
      {
        file: 'core/session.ts',
        from: '  // A refresh under way will bring another token; its outcome judges this one.\n',
        to: '  turn.set({ dead: true, refreshRejected: true, refusedAt: env.now });\n',
      },
    ],
  },
  {
    name: 'credentials in their last minute are handed out',
    edits: [
      {
        file: 'core/freshness.ts',
        from: 'if (now >= schedule.spentAt) return',
        to: 'if (now >= schedule.expiresAt) return',
      },
      {
        file: 'core/lease-state.ts',
        from: 'state.held && now < state.held.schedule.spentAt ?',
        to: 'state.held && now < state.held.schedule.expiresAt ?',
      },
    ],
  },
  {
    name: 'renewing goes on for ever when nobody asks',
    edits: [
      {
        file: 'core/lease-outcome.ts',
        from: 'waiters.length === 0 && !isForeground(flight) ? 0 : credit',
        to: '1',
      },
    ],
  },
  {
    name: 'two calls at once for one profile (rolesanywhere)',
    edits: [
      {
        file: 'core/lease-flight.ts',
        from: "    if (flight.stage === 'token' && foreground && !flight.foreground) ask(turn, true, flight.suspect);\n    return;\n",
        to: "    if (flight.stage === 'token' && foreground && !flight.foreground) ask(turn, true, flight.suspect);\n    if (flight.stage !== 'call' || !foreground) return;\n",
      },
    ],
  },
  {
    name: 'an upstream that is asked without measure',
    edits: [
      {
        file: 'core/upstream-gate.ts',
        from: 'return missing <= 0 ? null',
        to: 'return missing <= 1e9 ? null',
      },
    ],
  },
  {
    name: 'an upstream that is given up although it answers',
    edits: [
      {
        file: 'core/upstream-gate.ts',
        from: "if (verdict.type !== 'transient' && verdict.type !== 'ambiguous') return this.#close();",
        to: '',
      },
    ],
  },
  {
    name: 'callers who are told to sign in after somebody did',
    edits: [
      { file: 'core/session-record.ts', from: "  turn.emit({ type: 'signed-in' });\n", to: '' },
      {
        file: 'core/lease-session.ts',
        from: '  if (turn.state.negative?.fromSession) turn.set({ negative: null });\n',
        to: '',
      },
      { file: 'core/lease-outcome.ts', from: '1_000 + 4_000 * turn.env.random', to: '600_000' },
    ],
  },
  {
    name: 'a keychain that is locked counts as a logout',
    edits: [
      {
        file: 'core/session-refresh.ts',
        from: "if (found.type === 'gone' && !unsaved(turn.state)) return",
        to: "if (found.type !== 'found') return",
      },
    ],
  },
  {
    name: 'tokens that could not be stored are forgotten',
    edits: [
      {
        file: 'core/session-record.ts',
        from: 'else install(turn, tokens.record, tokens.lifetimeMs);',
        to: "else if (outcome.type !== 'failed') install(turn, tokens.record, tokens.lifetimeMs);\n  else turn.set({ flight: null });",
      },
    ],
  },
  {
    name: 'a caller who is kept waiting beyond its hold',
    edits: [
      {
        file: 'core/lease.ts',
        from: 'if (turn.env.mono >= waiter.deadline) dismiss(turn, waiter);',
        to: 'if (turn.env.mono >= waiter.deadline + 5_000) dismiss(turn, waiter);',
      },
    ],
  },
  {
    name: 'a lost answer that is asked for again only when the server allows it no more',
    edits: [
      {
        file: 'core/session-refresh.ts',
        from: 'const ambiguousPausesMs = [1_000, 3_000, 8_000];',
        to: 'const ambiguousPausesMs = [40_000];',
      },
    ],
  },
  {
    name: 'a checkout that is ended while others use its keys (pybritive)',
    edits: [
      {
        file: 'core/lease-flight.ts',
        from: "  if (turn.env.renewal === 'exclusive' && waitsForEnd(turn)) return;\n",
        to: '',
      },
      { file: 'core/lease-flight.ts', from: 'const force = isForced(turn.state);', to: 'const force = true;' },
      { file: 'core/lease-flight.ts', from: 'const wished = isWished(turn.state);', to: 'const wished = true;' },
    ],
  },
  {
    name: 'an error that throws good credentials away (rolesanywhere)',
    edits: [
      { file: 'core/lease-outcome.ts', from: '  turn.set({ failures });', to: '  turn.set({ failures, held: null });' },
    ],
  },
  {
    name: 'a denial that takes away what is held',
    edits: [
      {
        file: 'core/lease-outcome.ts',
        from: 'turn.set({ denials, credit: 0 });',
        to: 'turn.set({ denials, credit: 0, held: null });',
      },
    ],
  },
];
