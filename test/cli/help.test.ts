import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { cliWorld } from '../support/cli-world.ts';
import { silentProgram } from '../support/silent-program.ts';

const allCommands = (command: Command, path: readonly string[] = []): (readonly string[])[] =>
  command.commands.flatMap((one) => {
    const here = [...path, one.name()];
    return [here, ...allCommands(one, here)];
  });

const paths = allCommands(silentProgram());

/** Words after the first `credbroker` in a line for a shell. */
const wordsOf = (line: string): string[] => (/credbroker ([^)|>]*)/.exec(line)?.[1] ?? '').trim().split(' ');

describe('help', () => {
  it.each(paths.map((path) => path.join(' ')))('of %s ends with examples of it that can be parsed', async (path) => {
    const { cli } = await cliWorld();
    const { status, stdout } = await cli(`${path} --help`);
    expect(status).toBe(0);
    const lines = [...stdout.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = '']) => line);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect((await commandOf(wordsOf(line))).startsWith(path)).toBe(true);
  });

  it('answers an unknown command with the nearest one', async () => {
    const { cli } = await cliWorld();
    expect(await cli('statu')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'credbroker: Unknown command "statu" (Did you mean status?). Run: credbroker --help\n',
    });
  });

  it('names the command whose option is wrong', async () => {
    const { cli } = await cliWorld();
    expect((await cli('grant list --nope')).stderr).toBe(
      'credbroker: Unknown option "--nope". Run: credbroker grant list --help\n',
    );
  });

  it('prints the help on stderr when no command is given', async () => {
    const { cli } = await cliWorld();
    const { status, stdout, stderr } = await cli([]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: credbroker/);
  });

  it('prints the version', async () => {
    const { cli } = await cliWorld();
    expect((await cli('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

/** The command a line leads to, with nothing run. */
async function commandOf(words: readonly string[]): Promise<string> {
  let reached = '';
  const disarm = (command: Command, path: readonly string[]): void => {
    for (const one of command.commands) {
      const here = [...path, one.name()];
      one.action(() => {
        reached = here.join(' ');
      });
      disarm(one, here);
    }
  };
  const root = silentProgram();
  disarm(root, []);
  await root.parseAsync(words, { from: 'user' });
  return reached;
}
