import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CommandEnd, runShortCommand } from '../../src/adapters/short-command.ts';
import { appears } from '../support/appears.ts';
import { fakeProgram, gone, hanging, systemPath } from '../support/fake-program.ts';
import { tempDir } from '../support/temp-dir.ts';

const inTime = new AbortController().signal;

/** Runs a program of this text. */
const run = (text: string, args: readonly string[] = []): Promise<CommandEnd> => {
  const directory = tempDir();
  fakeProgram(directory, 'program', text);
  return runShortCommand({ command: join(directory, 'program'), args, env: { PATH: systemPath }, signal: inTime });
};

describe.skipIf(process.platform === 'win32')('a short command', () => {
  it('is done with all of its output, arguments and empty input', async () => {
    expect(await run('printf "%s|" "$@"; cat', ['--a', 'b c', '$(x)', ''])).toEqual({
      type: 'done',
      output: '--a|b c|$(x)||',
    });
  });

  it('is done only when all of a long output is here', async () => {
    const end = await run('head -c 1048575 /dev/zero | tr "\\0" x; echo');
    expect(end.type === 'done' && end.output.length).toBe(1_048_576);
  });

  it.each([
    ['it cannot end', 'exec yes', 'too much output'],
    ['it says a little too much', 'head -c 1048577 /dev/zero', 'too much output'],
    ['it fails', 'echo out; exit 3', 'status 3'],
    ['it is killed', 'kill -9 $$', 'status null'],
  ])('fails when %s', async (_, text, detail) => {
    expect(await run(text)).toEqual({ type: 'failed', detail });
  });

  it.each([
    ['is not there', '/nonexistent/program', [], 'ENOENT'],
    ['is no program', '/etc', [], 'EACCES'],
    ['has an argument that no system takes', 'true', ['\0'], 'ERR_INVALID_ARG_VALUE'],
    ['has too long an argument', 'true', ['x'.repeat(10_000_000)], 'E2BIG'],
  ] as const)('fails when it %s', async (_, command, args, detail) => {
    const end = await runShortCommand({ command, args, env: { PATH: systemPath }, signal: inTime });
    expect(end).toEqual({ type: 'failed', detail });
  });

  it('is not started after its time', async () => {
    const file = join(tempDir(), 'ran');
    const late = { command: 'touch', args: [file], env: { PATH: systemPath }, signal: AbortSignal.abort() };
    expect(await runShortCommand(late)).toEqual({ type: 'failed', detail: 'late' });
  });

  it('does not wait for what it leaves running, nor listen to it', async () => {
    const directory = tempDir();
    const gate = join(directory, 'gate');
    execFileSync('mkfifo', [gate]);
    const hang = hanging(directory).replace('sleep 1000', `sh -c 'read line < "${gate}"; exec yes'`);
    fakeProgram(directory, 'left', `while kill -0 "$1" 2>&-; do :; done; ${hang}`);
    fakeProgram(directory, 'program', 'left $$ & echo done');
    const stop = new AbortController();
    const env = { PATH: `${directory}:${systemPath}` };
    const ended = runShortCommand({ command: 'program', args: [], env, signal: stop.signal });
    await appears(join(directory, 'pid'));
    stop.abort();
    expect(await ended).toEqual({ type: 'failed', detail: 'late' });
    writeFileSync(gate, 'go\n');
    await gone(Number(readFileSync(join(directory, 'pid'), 'utf8')));
  });
});
