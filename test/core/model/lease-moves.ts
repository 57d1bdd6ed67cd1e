/** What may happen to one Lease machine, in any order. */
import fc from 'fast-check';
import { hours, minutes, seconds } from '../../support/fake-clock.ts';

export interface Answer {
  readonly kind: 'ok' | 'transient' | 'ambiguous' | 'rejected' | 'unauthorized' | 'denied' | 'not-yet';
  readonly ms: number;
}

export type Happening =
  | { readonly type: 'get'; readonly holdMs: number; readonly person: boolean }
  | { readonly type: 'renew'; readonly holdMs: number }
  | { readonly type: 'leave'; readonly back: number }
  | { readonly type: 'beat'; readonly demanded: boolean }
  | { readonly type: 'alarm' | 'session' | 'checkin' | 'wake' }
  | { readonly type: 'judged'; readonly back: number; readonly good: boolean }
  /** `back` 0 answers the latest call; more, one from before it. */
  | { readonly type: 'acquired'; readonly back: number; readonly answer: Answer }
  | { readonly type: 'released' | 'gated'; readonly back: number }
  | { readonly type: 'drop'; readonly forgetCheckout: boolean };

export interface LeaseMove {
  readonly happens: Happening;
  readonly passesMs: number;
  /** The wall clock alone: sleep, or a clock that was set right. */
  readonly wallMs: number;
  readonly access: 'ready' | 'next' | 'pending' | 'refused' | 'retries';
  readonly closed: 'no' | 'turn' | 'circuit';
  readonly random: number;
}

const back = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 }) },
);
const life = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(minutes(15), hours(1), hours(4), hours(12)) },
  { weight: 1, arbitrary: fc.integer({ min: -seconds(10), max: minutes(2) }) },
);
const answer: fc.Arbitrary<Answer> = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant<Answer['kind']>('ok') },
    {
      weight: 4,
      arbitrary: fc.constantFrom<Answer['kind'][]>(
        ...(['transient', 'ambiguous', 'rejected', 'unauthorized', 'denied', 'not-yet'] as const),
      ),
    },
  ),
  ms: life,
});
const holdMs = fc.constantFrom(0, 10, 800, seconds(10), minutes(2));

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('get' as const), holdMs, person: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('renew' as const), holdMs }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('leave' as const), back }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('beat' as const), demanded: fc.boolean() }) },
  { weight: 4, arbitrary: fc.constant({ type: 'alarm' as const }) },
  { weight: 2, arbitrary: fc.constant({ type: 'session' as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ type: 'checkin' as const }, { type: 'wake' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('judged' as const), back, good: fc.boolean() }) },
  { weight: 7, arbitrary: fc.record({ type: fc.constant('acquired' as const), back, answer }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('released' as const, 'gated' as const), back }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('drop' as const), forgetCheckout: fc.boolean() }) },
);

export const leaseMoves: fc.Arbitrary<LeaseMove[]> = fc.array(
  fc.record({
    happens: happening,
    passesMs: fc.constantFrom(0, 0, 1, 700, seconds(3), seconds(16), minutes(5), minutes(30), seconds(870), hours(3)),
    wallMs: fc.constantFrom(0, 0, 0, 0, 0, 0, hours(2), -minutes(10)),
    access: fc.constantFrom<LeaseMove['access'][]>('ready', 'ready', 'ready', 'next', 'pending', 'refused', 'retries'),
    closed: fc.constantFrom<LeaseMove['closed'][]>('no', 'no', 'no', 'no', 'turn', 'circuit'),
    random: fc.constantFrom(0, 0.5, 0.999),
  }),
  { maxLength: 60, size: 'max' },
);
