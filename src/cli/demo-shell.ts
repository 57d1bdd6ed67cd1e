/** For the person to go on by hand: one line to paste, which leads a shell into the demo, and what to try there. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from './context.ts';
import { paragraph, widthOf } from './demo-text.ts';
import type { DemoWorld } from './demo-world.ts';
import { ownCommand } from './own-command.ts';
import { shadowingVariables } from './shadows.ts';
import { shellLines, shellWord } from './shell-text.ts';

const aws = 'aws sts get-caller-identity';

/** Valid answers to the emulated tenant's gates. */
const tries = [
  aws,
  'credbroker checkout cloud-dev',
  'credbroker checkout release --ticket-type issue --ticket-id REL-1',
  'credbroker checkout break-glass --otp 000000',
];

const curl = `curl -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" \\
  "$AWS_CONTAINER_CREDENTIALS_FULL_URI"`;

export async function invitation(context: Context, world: DemoWorld): Promise<string> {
  const width = widthOf(context.stdout);
  return [
    paragraph(
      'Paste this line into another shell, to have credbroker and the AWS tools in the demo there; Ctrl-C here ends it all.',
      width,
    ),
    // In a file: lines as long as its own would be broken by the terminal, and with them what is pasted.
    `. ${shellWord(await writeShell(context, world))}\n`,
    'Then try:\n',
    `${tries.join('\n')}\n`,
    paragraph(
      `The first needs AWS CLI 2.13 or boto3 1.28 at least: older ones pass over AWS_ENDPOINT_URL_STS and ask AWS itself. Without them:`,
      width,
    ),
    `${curl}\n`,
  ].reduce((text, part) => `${text}\n${part}`, '');
}

/** Resolves with the file that a shell reads. */
async function writeShell(context: Context, { home, variables }: DemoWorld): Promise<string> {
  const directory = await writeLauncher(context, home);
  const file = join(home, 'shell');
  const assigned = shellLines('sh', { set: variables, unset: shadowingVariables(context.env) });
  await writeFile(file, `${assigned}export PATH=${shellWord(directory)}:"$PATH"\n`, { mode: 0o600 });
  return file;
}

/** Resolves with the directory in which `credbroker` is what runs now. */
async function writeLauncher(context: Context, home: string): Promise<string> {
  const directory = join(home, 'bin');
  const file = join(directory, 'credbroker');
  const words = (await ownCommand(context)).map(shellWord);
  await mkdir(directory);
  await writeFile(file, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
  await chmod(file, 0o700);
  return directory;
}
