/** What may happen to one Session machine, in any order. */
import fc from 'fast-check';
import type { LoginOutcome, Presence, SaveOutcome, StoredSession } from '../../../src/core/types.ts';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';

export type Kind = 'ok' | 'transient' | 'slow-down' | 'ambiguous' | 'rejected' | 'unauthorized' | 'denied' | 'not-yet';

export type Happening =
  | { readonly type: 'start' | 'store-changed' | 'login-abandoned' }
  | { readonly type: 'login-asked'; readonly fits: boolean }
  | { readonly type: 'logout'; readonly revoke: boolean }
  | { readonly type: 'beat' | 'alarm' | 'wake' }
  | { readonly type: 'demand'; readonly foreground: boolean }
  | { readonly type: 'wanted'; readonly leftMs: number }
  | { readonly type: 'unauthorized'; readonly back: number; readonly foreground: boolean }
  | { readonly type: 'accepted'; readonly back: number }
  | {
      readonly type: 'stored';
      readonly back: number;
      readonly found: StoredSession['type'] | 'same';
      readonly lifeMs: number;
    }
  | { readonly type: 'refreshed'; readonly back: number; readonly kind: Kind; readonly lifeMs: number }
  | {
      readonly type: 'persisted';
      readonly back: number;
      readonly outcome: SaveOutcome['type'];
      readonly lifeMs: number;
    }
  | { readonly type: 'probed'; readonly back: number; readonly kind: Kind }
  | { readonly type: 'looked'; readonly back: number; readonly presence: Presence }
  | {
      readonly type: 'login-ended';
      readonly back: number;
      readonly outcome: LoginOutcome['type'];
      readonly lifeMs: number;
    };

export interface SessionMove {
  readonly happens: Happening;
  /** Answers what is under way, whatever `happens` says: random events alone rarely get anywhere. */
  readonly answers: boolean;
  readonly passesMs: number;
  readonly wallMs: number;
  readonly random: number;
}

const back = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
);
const lifeMs = fc.constantFrom(hours(1), hours(1), hours(8), minutes(20), seconds(40), -seconds(1));
const foreground = fc.boolean();
const kind = fc.constantFrom<Kind[]>(
  ...(['ok', 'ok', 'ok', 'transient', 'slow-down', 'ambiguous', 'rejected', 'rejected'] as const),
  ...(['unauthorized', 'unauthorized', 'denied', 'not-yet'] as const),
);
const is = <T extends string>(type: T): fc.Arbitrary<T> => fc.constant(type);
const found = fc.constantFrom<(StoredSession['type'] | 'same')[]>(
  'same',
  'same',
  'same',
  'found',
  'gone',
  'unreadable',
);
const saved = fc.constantFrom<SaveOutcome['type'][]>('saved', 'saved', 'saved', 'changed', 'gone', 'failed');
const ended = fc.constantFrom<LoginOutcome['type'][]>('ok', 'ok', 'declined', 'unanswered', 'failed');
const presence = fc.constantFrom<Presence[]>('present', 'present', 'unknown', 'away');

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: is('demand'), foreground }) },
  { weight: 2, arbitrary: fc.record({ type: is('wanted'), leftMs: lifeMs }) },
  { weight: 3, arbitrary: fc.constantFrom({ type: 'beat' as const }, { type: 'alarm' as const }) },
  { weight: 2, arbitrary: fc.record({ type: is('unauthorized'), back, foreground }) },
  { weight: 1, arbitrary: fc.record({ type: is('accepted'), back }) },
  { weight: 3, arbitrary: fc.record({ type: is('stored'), back, found, lifeMs }) },
  { weight: 3, arbitrary: fc.record({ type: is('refreshed'), back, kind, lifeMs }) },
  { weight: 3, arbitrary: fc.record({ type: is('persisted'), back, outcome: saved, lifeMs }) },
  { weight: 2, arbitrary: fc.record({ type: is('probed'), back, kind }) },
  { weight: 1, arbitrary: fc.record({ type: is('looked'), back, presence }) },
  { weight: 2, arbitrary: fc.record({ type: is('login-ended'), back, outcome: ended, lifeMs }) },
  { weight: 1, arbitrary: fc.record({ type: is('logout'), revoke: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: is('login-asked'), fits: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom(...(['start', 'store-changed', 'login-abandoned', 'wake'] as const)),
    }),
  },
);

export const sessionMoves: fc.Arbitrary<SessionMove[]> = fc.array(
  fc.record({
    happens: happening,
    answers: fc.boolean(),
    passesMs: fc.constantFrom(0, 0, 0, 1, 700, seconds(3), seconds(9), minutes(1), minutes(31), hours(3)),
    wallMs: fc.constantFrom(0, 0, 0, 0, 0, 0, hours(2), -minutes(10)),
    random: fc.constantFrom(0, 0.5, 0.999),
  }),
  { maxLength: 80, size: 'max' },
);
