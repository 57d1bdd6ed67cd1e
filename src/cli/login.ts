import type { Command } from 'commander';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { type LoginChoice, loginStyle } from './login-style.ts';
import { pickSession } from './pick-session.ts';
import { readToken } from './read-token.ts';
import { signIn } from './sign-in.ts';

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
    .option('--token', 'sign in to Britive with a token, read from standard input or asked for');
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
}
