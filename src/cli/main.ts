/**
 * The rules of our output:
 *
 * - stdout carries the payload and nothing else, so that every command can be piped. All that is said to a person
 *   goes to stderr.
 * - Nothing but this file prints an error or decides the exit status: 0 done, 1 failed, 2 usage, 3 sign-in needed,
 *   4 denied, 5 upstream unavailable, 6 daemon unreachable, 128 + n ended by signal n. `exec` returns its child's.
 * - An error is one line, `credbroker: ` and a sentence that ends with the next step, where there is
 *   a choice with the command lines below. No stack traces.
 * - No colours where the output is no terminal or `NO_COLOR` is set.
 * - What an upstream or a file named is printed without control characters.
 */
import { BrokerError, messageOf } from '../core/errors.ts';
import { type Context, processContext, type Serve } from './context.ts';
import { credentialProcess, hotRequest } from './credential-process.ts';
import { ExitError } from './exit.ts';
import { printable, say } from './text.ts';
import { tokenRequest } from './token-request.ts';

/** Java stops reading a helper's stderr at 4 KiB on Windows, and waits for ever. */
const maxMessage = 1000;

export async function main(argv: readonly string[], options: { readonly serve: Serve }): Promise<void> {
  process.exitCode = await run(argv, processContext(options.serve));
}

/** Runs one command line, without Node and the entry file; resolves with the exit status. */
export const run = (argv: readonly string[], context: Context): Promise<number> =>
  concluded(context, () => dispatch(argv, context));

/** Turns how `work` ends into a message and an exit status. */
export async function concluded(context: Context, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (thrown) {
    // Whatever fails after Ctrl-C fails for it.
    const { aborted } = context.signals;
    const { message, exitStatus, lines } = outcome(aborted.aborted ? aborted.reason : thrown);
    if (message !== '') context.stderr.write(`credbroker: ${printable(message).slice(0, maxMessage)}\n`);
    for (const line of lines) say(context, `  ${line}`);
    return exitStatus;
  }
}

async function dispatch(argv: readonly string[], context: Context): Promise<void> {
  // SDKs and kubectl wait for these, and loading the option parser costs more than answering.
  const request = hotRequest(argv);
  if (request !== null) return credentialProcess(context, request);
  const token = tokenRequest(argv);
  if (token !== null) return (await import('./eks-token.ts')).printToken(context, token);
  const { parse } = await import('./program.ts');
  return parse(argv, context);
}

function outcome(thrown: unknown): Pick<ExitError, 'message' | 'exitStatus' | 'lines'> {
  if (thrown instanceof ExitError) return thrown;
  return { message: messageOf(thrown), exitStatus: thrown instanceof BrokerError ? thrown.exitStatus : 1, lines: [] };
}
