/** An exit status that comes from no `BrokerError`; with an empty message nothing is printed. */
export class ExitError extends Error {
  override readonly name: string = 'ExitError';
  readonly exitStatus: number;

  constructor(exitStatus: number, message: string) {
    super(message);
    this.exitStatus = exitStatus;
  }
}

/** A command line that makes no sense. */
export const usage = (message: string): ExitError => new ExitError(2, message);
