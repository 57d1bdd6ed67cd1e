import type { Command } from 'commander';
import { daemonFor, examples, type StartOption, withDaemon } from './command.ts';
import type { Context } from './context.ts';
import { usage } from './exit.ts';
import { pickSession } from './pick-session.ts';
import { say } from './text.ts';

interface LogoutOptions extends StartOption {
  readonly all?: boolean;
  readonly revoke?: boolean;
}

export function addLogout(program: Command, context: Context): void {
  const command = program
    .command('logout')
    .description('forget a session')
    .argument('[session]', 'needed where there are several')
    .option('--all', 'every session')
    .option('--revoke', 'end it upstream, too, for your browser and every other program (Identity Center: always)');
  withDaemon(command).action((name: string | undefined, options: LogoutOptions) =>
    logout(context, name ?? null, options),
  );
  examples(command, ['credbroker logout work', 'credbroker logout --all', 'credbroker logout acme --revoke']);
}

async function logout(context: Context, name: string | null, options: LogoutOptions): Promise<void> {
  if (options.all === true && name !== null) throw usage('Give a session or --all, not both');
  const { client, status } = await daemonFor(context, options);
  const names =
    options.all === true
      ? status.sessions.map((session) => session.name)
      : [await pickSession(context, status, { name, command: 'logout' })];
  const { revoke = false } = options;
  for (const session of names) {
    const upstreamTold = await client.logout(session, { revoke });
    const rest = upstreamTold ? '' : ' here; upstream could not be told, and ends the session by itself';
    say(context, `Logged out of "${session}"${rest}`);
  }
}
