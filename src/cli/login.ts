import type { Command } from 'commander';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { type LoginChoice, loginStyle } from './login-style.ts';
import { pickSession } from './pick-session.ts';
import { signIn } from './sign-in.ts';

export function addLogin(program: Command, context: Context): void {
  const command = program
    .command('login')
    .description('sign in to a session')
    .argument('[session]', 'the one that needs it, where none is named')
    .option('--device-code', 'sign in with a code, on any device')
    .option('--no-browser', 'print the address and open nothing');
  withDaemon(command).action((name: string | undefined, options: LoginChoice & StartOption) =>
    login(context, name ?? null, options),
  );
  examples(command, ['credbroker login', 'credbroker login work --device-code']);
}

async function login(context: Context, name: string | null, options: LoginChoice & StartOption): Promise<void> {
  const { client, status } = await daemonFor(context, options);
  const session = await pickSession(context, status, { name, command: 'login' });
  await signIn(context, { client, session, style: loginStyle(options, context) });
}
