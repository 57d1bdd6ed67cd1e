/** An exit status that comes from no `BrokerError`; with an empty message nothing is printed. */
export class ExitError extends Error {
  override readonly name: string = 'ExitError';
  readonly exitStatus: number;
  /** Printed below the message, each ready to be pasted. */
  readonly lines: readonly string[];

  constructor(exitStatus: number, message: string, lines: readonly string[] = []) {
    super(message);
    this.exitStatus = exitStatus;
    this.lines = lines;
  }
}

/** A command line that makes no sense. */
export const usage = (message: string, lines: readonly string[] = []): ExitError => new ExitError(2, message, lines);

/** How the system calls a failure, such as `ENOENT`; null for any other error. */
export const systemCode = (thrown: unknown): string | null =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : null;
