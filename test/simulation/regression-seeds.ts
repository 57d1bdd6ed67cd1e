/** Seeds that have found something once. They are run first, at every change. */
export interface RegressionSeed {
  readonly seed: number;
  readonly hours: number;
  readonly found: string;
}

export const regressionSeeds: readonly RegressionSeed[] = [
  { seed: 33, hours: 8, found: 'a sign-out that could not delete the tokens was undone by the next read of the store' },
  { seed: 244, hours: 8, found: 'a caller who left while we waited for our turn took the demand with them' },
  { seed: 448, hours: 8, found: 'a slow first answer left a clock that had been set back as it was' },
  { seed: 620, hours: 8, found: 'older tokens in a read-only store replaced newer ones in memory' },
  { seed: 748, hours: 8, found: 'an answer that a sleep delayed set the clock back by the length of the sleep' },
  { seed: 873, hours: 8, found: 'a pause that was cut short at the end of the credentials came to next to nothing' },
  { seed: 25_119, hours: 8, found: 'a change of the store sent a refresh before its pause was over' },
];
