import type { Command } from 'commander';
import type { BrokerClient } from '../client.ts';
import { BrokerError } from '../core/errors.ts';
import type { TokenDocument } from '../core/token-views.ts';
import type { SessionStateName, SessionView } from '../core/views.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { ifItLasts, openProgress } from './progress.ts';
import { signInAgain } from './sign-in.ts';
import { parseDuration } from './time.ts';

interface TokenOptions extends StartOption {
  readonly minLife: string;
  readonly json?: boolean;
}

export function addToken(program: Command, context: Context): void {
  const command = program
    .command('token')
    .description('print an access token of an OAuth session, for a tool that sends one itself')
    .argument('<session>')
    .option('--min-life <duration>', 'how long it shall be good for at least, where a refresh can bring that', '5m')
    .option('--json', 'with the time of its end');
  withDaemon(command).action((session: string, options: TokenOptions) => token(context, session, options));
  examples(command, [
    'credbroker token ngc',
    'curl -H "Authorization: Bearer $(credbroker token ngc)" https://api.example',
    'credbroker token ngc --min-life 30m --json',
  ]);
}

async function token(context: Context, name: string, options: TokenOptions): Promise<void> {
  const minLifeMs = parseDuration(options.minLife);
  const { client, status } = await daemonFor(context, options);
  const session = status.sessions.find((each) => each.name === name && each.provider === 'oidc') ?? null;
  const document = await signedInFor(context, { client, session }, () =>
    waiting(context, client.token(name, minLifeMs)),
  );
  context.stdout.write(`${options.json === true ? JSON.stringify(document) : document.access_token}\n`);
}

const awaitsPerson: ReadonlySet<SessionStateName> = new Set(['signed-out', 'login-pending', 'login-required']);
const signInErrors: ReadonlySet<string> = new Set(['LoginRequired', 'LoginPending']);

interface Asked {
  readonly client: BrokerClient;
  /** Null for one that has no tokens to print, which the daemon will say. */
  readonly session: SessionView | null;
}

/** With a sign-in before it where one is needed and somebody can be asked, or after it where the daemon learns so only now. */
async function signedInFor<T>(context: Context, { client, session }: Asked, fetch: () => Promise<T>): Promise<T> {
  if (session === null) return fetch();
  const asked = awaitsPerson.has(session.state);
  if (asked) await signInAgain(context, client, session);
  try {
    return await fetch();
  } catch (error) {
    if (asked || !(error instanceof BrokerError) || !signInErrors.has(error.code)) throw error;
    if (!(await signInAgain(context, client, session))) throw error;
    return fetch();
  }
}

async function waiting(context: Context, arriving: Promise<TokenDocument>): Promise<TokenDocument> {
  const progress = openProgress(context);
  const arrived = ifItLasts(context, () => progress.show('Waiting for the access token …'));
  return arriving.finally(() => {
    arrived();
    progress.end();
  });
}
