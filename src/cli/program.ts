/** All commands under one name. Loaded only when a command line has to be understood. */
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { addCheckin } from './checkin.ts';
import { addCheckout } from './checkout.ts';
import { addConfig } from './config.ts';
import type { Context } from './context.ts';
import { addCredentialProcess } from './credential-process.ts';
import { addDemo } from './demo.ts';
import { addEks } from './eks.ts';
import { addEmulator } from './emulator.ts';
import { addEnv } from './env.ts';
import { addExec } from './exec.ts';
import { ExitError, usage } from './exit.ts';
import { addExplain } from './explain.ts';
import { addGrant } from './grant.ts';
import { addImport } from './import.ts';
import { addLogin } from './login.ts';
import { addLogout } from './logout.ts';
import { addConsole } from './profile-page.ts';
import { addProfiles } from './profiles.ts';
import { addRestart } from './restart.ts';
import { addServe } from './serve.ts';
import { addStart } from './start.ts';
import { addStatus } from './status.ts';
import { addStop } from './stop.ts';
import { addToken } from './token.ts';

/** Adds one command. */
type AddCommand = (program: Command, context: Context) => void;

const commands: readonly AddCommand[] = [
  addDemo,
  addEmulator,
  addServe,
  addStart,
  addStop,
  addRestart,
  addLogin,
  addLogout,
  addStatus,
  addExplain,
  addProfiles,
  addCheckout,
  addCheckin,
  addConsole,
  addEnv,
  addExec,
  addCredentialProcess,
  addToken,
  addEks,
  addGrant,
  addImport,
  addConfig,
];

/** Runs one command line; rejects with what `main.ts` shall say and exit with. */
export async function parse(argv: readonly string[], context: Context): Promise<void> {
  const program = buildProgram(context);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    throw complaint(error, program, argv);
  }
}

export function buildProgram(context: Context): Command {
  const program = new Command('credbroker')
    .description('Signs in once and hands short-lived AWS credentials to every SDK on this machine.')
    .version(packageJson.version)
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: false })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns,
      getErrHelpWidth: () => context.stderr.columns,
      // `main.ts` prints it.
      outputError: () => {},
    });
  for (const add of commands) add(program, context);
  return program;
}

/** Commander's complaint in our words; it has already printed the help where that is the answer. */
function complaint(error: CommanderError, program: Command, argv: readonly string[]): ExitError {
  if (error.code === 'commander.help') return new ExitError(2, '');
  const text = error.message
    .replace(/^error: /, '')
    .replace(/\.$/, '')
    .replaceAll("'", '"');
  const advice = ['credbroker', ...commandPath(program, argv), '--help'].join(' ');
  return usage(`${text.charAt(0).toUpperCase()}${text.slice(1)}. Run: ${advice}`);
}

/** The words that name a command there is. */
function commandPath(program: Command, [word, ...others]: readonly string[]): readonly string[] {
  const command = program.commands.find((candidate) => candidate.name() === word);
  return command === undefined ? [] : [command.name(), ...commandPath(command, others)];
}
