import type { Command } from 'commander';
import type { BrokerClient } from '../client.ts';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { type LoginChoice, loginStyle } from './login-style.ts';
import { pickSession } from './pick-session.ts';
import { readToken } from './read-token.ts';
import { signIn } from './sign-in.ts';
import { say } from './text.ts';

interface LoginOptions extends LoginChoice, StartOption {
  readonly token?: boolean;
}

export function addLogin(program: Command, context: Context): void {
  const command = program
    .command('login')
    .description('sign in to a session')
    .argument('[session]', 'the one that needs it, where none is named')
    .option('--device-code', 'sign in with a code, on any device')
    .option('--no-browser', 'print the address and open nothing')
    .option('--token', 'with one that was made elsewhere (Britive, OAuth), read from standard input or asked for');
  withDaemon(command).action((name: string | undefined, options: LoginOptions) =>
    login(context, name ?? null, options),
  );
  examples(command, ['credbroker login', 'credbroker login work --device-code', 'credbroker login acme --token']);
}

async function login(context: Context, name: string | null, options: LoginOptions): Promise<void> {
  const { client, status } = await daemonFor(context, options);
  const session = await pickSession(context, status, { name, command: 'login' });
  const token = options.token === true ? await readToken(context) : null;
  await signIn(context, { client, session, style: loginStyle(options, context), token });
  if (status.sessions.some(({ name, provider }) => name === session && provider === 'oidc')) {
    await tellOfEnd(context, client, session);
  }
}

/** Once, and right away: an issuer gives a refresh token to some clients, for some scopes, or never. */
async function tellOfEnd(context: Context, client: BrokerClient, name: string): Promise<void> {
  const { sessions } = await client.status();
  const session = sessions.find((each) => each.name === name);
  if (session === undefined || session.refreshable) return;
  say(context, `No refresh token came with it. ${session.next}`);
}
