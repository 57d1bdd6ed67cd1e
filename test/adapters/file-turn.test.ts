import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inTurn } from '../../src/adapters/file-turn.ts';
import { bundledScript } from '../support/bundled-script.ts';
import { tinyFileSystem } from '../support/file-faults.ts';
import { tempDir } from '../support/temp-dir.ts';

const never = new AbortController().signal;

/** A process that has its turn until something is written to it. */
const holder = async (directory: string): Promise<ChildProcessByStdio<Writable, Readable, null>> => {
  const script = bundledScript(`
    import { readSync, writeFileSync, writeSync } from 'node:fs';
    import { inTurn } from './src/adapters/file-turn.ts';
    const directory = process.argv[2] ?? '';
    void inTurn(directory, new AbortController().signal, () => {
      writeSync(1, 'held');
      readSync(0, Buffer.alloc(1));
      writeFileSync(directory + '/released', '');
    });
  `);
  const child = spawn(process.execPath, [script, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(String(await once(child.stdout, 'data'))).toBe('held');
  return child;
};

describe('a turn', () => {
  it('is waited for while another process has it', async () => {
    const directory = tempDir();
    const child = await holder(directory);
    let had = false;
    const ours = inTurn(directory, never, () => {
      had = true;
      return existsSync(join(directory, 'released'));
    });
    expect(had).toBe(false);
    child.stdin.write('x');
    expect(await ours).toBe(true);
  });

  it('is not taken from a process that is stopped, and waiting for it can be given up', async () => {
    const directory = tempDir();
    const child = await holder(directory);
    child.kill('SIGSTOP');
    const giveUp = new AbortController();
    const waiting = inTurn(directory, giveUp.signal, () => 'taken');
    giveUp.abort(new Error('interrupted'));
    await expect(waiting).rejects.toThrow('interrupted');
    const next = inTurn(directory, never, () => 'had');
    child.stdin.write('x');
    child.kill('SIGCONT');
    expect(await next).toBe('had');
  });

  it('ends with the process that had it, however that ends', async () => {
    const directory = tempDir();
    const child = await holder(directory);
    const next = inTurn(directory, never, () => 'had');
    child.kill('SIGKILL');
    expect(await next).toBe('had');
  });

  it('is over when what was done in it fails', async () => {
    const directory = tempDir();
    const fail = (): never => {
      throw new Error('no');
    };
    await expect(inTurn(directory, never, fail)).rejects.toThrow('no');
    expect(await inTurn(directory, never, () => 'had')).toBe('had');
  });

  it('leaves one claim behind, whatever their number', async () => {
    const directory = tempDir();
    await Promise.all(Array.from({ length: 20 }, () => inTurn(directory, never, () => undefined)));
    expect(readdirSync(directory)).toEqual(['owner.20']);
  });

  it('that cannot be had on a full disk says so', async (test) => {
    const disk = tinyFileSystem(test);
    const directory = join(disk, 'turn');
    mkdirSync(directory, { mode: 0o700 });
    expect(() => writeFileSync(join(disk, 'ballast'), 'x'.repeat(100_000))).toThrow('ENOSPC');
    await expect(inTurn(directory, never, () => undefined)).rejects.toThrow(
      `"${directory}" cannot be written (ENOSPC)`,
    );
  });
});
