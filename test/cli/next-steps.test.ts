/** What messages tell people to run is there to be run. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { silentProgram } from '../support/silent-program.ts';

const program = silentProgram();

const root = join(import.meta.dirname, '..', '..');

const sources = ['src', 'config', 'routes'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8')),
);

/** A name stands for what is put in its place, and nothing for the options that may be. */
const written = (text: string): string =>
  text
    .replaceAll(/\$\{[^}]*flags?\}/g, '')
    .replaceAll(/\$\{[^}]*\}/g, 'name')
    .replace(/\$\{.*$/, '')
    .trim();

const steps = [
  ...new Set(
    sources.flatMap((source) =>
      [...source.matchAll(/run: credbroker ([^`'"\n]*)/gi)].map(([, rest = '']) => written(rest)),
    ),
  ),
];

/** Why commander would not take it, null where it would; a name that is left out is asked for. */
function complaint(command: Command, words: readonly string[]): string | null {
  const [word, ...rest] = words;
  if (word === undefined) return null;
  const sub = command.commands.find((one) => one.name() === word);
  if (sub) return complaint(sub, rest);
  if (command.commands.length > 0) return `"${word}" is no command of "${command.name()}"`;
  const { operands, unknown } = command.parseOptions(words.filter((each) => each !== '--help'));
  if (unknown.length > 0) return `"${unknown.join(' ')}" is no option of "${command.name()}"`;
  const takes = command.registeredArguments.length;
  return operands.length > takes ? `"${command.name()}" takes ${takes} names` : null;
}

describe('the next step that a message names', () => {
  it('is found in the sources', () => {
    expect(steps).toContain('login name --token');
    expect(steps).toContain('checkin --all');
  });

  it.each(steps)('can be run: credbroker %s', (step) => {
    expect(complaint(program, step.split(/ +/))).toBeNull();
  });
});
