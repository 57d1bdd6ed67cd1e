/** The machines alone: whatever happens in whatever order, each step keeps what both promise. */
import fc from 'fast-check';
import { it } from 'vitest';
import { replay, runs } from './checks.ts';
import { leaseMoves } from './lease-moves.ts';
import { LeasePlay } from './lease-play.ts';
import { sessionMoves } from './session-moves.ts';
import { SessionPlay } from './session-play.ts';

it('keeps the promises of a lease in every step', () => {
  const renewal = fc.constantFrom('overlap' as const, 'extend' as const, 'exclusive' as const);
  fc.assert(
    fc.property(renewal, leaseMoves, (how, moves) => {
      const play = new LeasePlay(how);
      for (const move of moves) play.play(move);
    }),
    { numRuns: runs(2_000), ...replay() },
  );
});

it('keeps the promises of a session in every step', () => {
  fc.assert(
    fc.property(sessionMoves, (moves) => {
      const play = new SessionPlay();
      for (const move of moves) play.play(move);
    }),
    { numRuns: runs(2_000), ...replay() },
  );
});
