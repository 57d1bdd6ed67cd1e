import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFileBounded, removeLeftovers, writeFileAtomically } from '../../src/adapters/atomic-file.ts';
import { bundledScript } from '../support/bundled-script.ts';
import { asUnprivileged, tinyFileSystem } from '../support/file-faults.ts';
import { requireTool } from '../support/required.ts';
import { tempDir } from '../support/temp-dir.ts';

describe('an atomic write', () => {
  it.each([0o000, 0o022, 0o077, 0o777])('gives the file mode 0600 under umask %o', (mask) => {
    const path = join(tempDir(), 'state.json');
    const before = process.umask(mask);
    try {
      writeFileAtomically(path, 'new');
    } finally {
      process.umask(before);
    }
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('replaces a symbolic link and leaves what it pointed to alone', () => {
    const directory = tempDir();
    const [target, link] = [join(directory, 'target'), join(directory, 'link')];
    writeFileSync(target, 'theirs');
    symlinkSync(target, link);
    writeFileAtomically(link, 'ours');
    expect(readFileSync(target, 'utf8')).toBe('theirs');
    expect(readFileSync(link, 'utf8')).toBe('ours');
  });

  it('leaves no temporary file and an untouched target when the rename fails', () => {
    const directory = tempDir();
    mkdirSync(join(directory, 'state.json', 'full'), { recursive: true });
    expect(() => writeFileAtomically(join(directory, 'state.json'), 'x')).toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
    expect(readdirSync(directory)).toEqual(['state.json']);
  });

  it('keeps the old content in a directory that takes no new files', () => {
    const directory = tempDir();
    const path = join(directory, 'state.json');
    writeFileSync(path, 'old');
    chmodSync(directory, 0o555);
    asUnprivileged(() => expect(() => writeFileAtomically(path, 'new')).toThrow('EACCES'));
    chmodSync(directory, 0o700);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('keeps the old content and cleans up on a full disk', (test) => {
    const directory = tinyFileSystem(test);
    const path = join(directory, 'state.json');
    writeFileAtomically(path, 'old');
    expect(() => writeFileAtomically(path, 'x'.repeat(1_000_000))).toThrow('ENOSPC');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(directory)).toEqual(['state.json']);
  });

  it('is killed at any system call and leaves the old file or the new one, whole', (test) => {
    const strace = requireTool(test, 'strace');
    const script = bundledScript(`
      import { writeFileAtomically } from './src/adapters/atomic-file.ts';
      writeFileAtomically(process.argv[2] ?? '', 'new'.repeat(10_000));
    `);
    const path = join(tempDir(), 'state.json');
    const killAt = (call: string, when: number): boolean => {
      writeFileSync(path, 'old');
      const inject = `inject=${call}:signal=SIGKILL:when=${when}`;
      try {
        execFileSync(strace, ['-f', '-o', '/dev/null', '-e', inject, process.execPath, script, path], {
          stdio: 'ignore',
        });
        return false;
      } catch (cause) {
        return cause instanceof Error;
      } finally {
        expect(['old', 'new'.repeat(10_000)]).toContain(readFileSync(path, 'utf8'));
      }
    };
    const points = [
      ['fchmod', 1],
      ['fsync', 1],
      ['/^rename', 1],
      ['fsync', 2],
    ] as const;
    expect(points.map(([call, when]) => killAt(call, when))).toEqual(points.map(() => true));
  });

  it.for([
    'fsync:error=EIO:when=1',
    'fsync:error=ENOSPC:when=1',
    '/^rename:error=EIO:when=1',
    'fchmod:error=EPERM:when=1',
  ])('fails cleanly when the system answers %s', (fault, test) => {
    const { directory, output } = writeUnderFault(requireTool(test, 'strace'), fault);
    expect(output).toMatch(/EIO|ENOSPC|EPERM/);
    expect(readFileSync(join(directory, 'state.json'), 'utf8')).toBe('old');
    expect(readdirSync(directory)).toEqual(['state.json']);
  });

  it('reports success when only the last fsync fails, because the file is there', (test) => {
    const { directory, output } = writeUnderFault(requireTool(test, 'strace'), 'fsync:error=EIO:when=2');
    expect(output).toBe('written');
    expect(readFileSync(join(directory, 'state.json'), 'utf8')).toBe('new');
  });
});

describe('leftovers of a killed writer', () => {
  it('are removed, and nothing else is', () => {
    const directory = tempDir();
    for (const name of ['.state.json.0123456789ab.tmp', 'state.json', '.hidden', 'notes.tmp']) {
      writeFileSync(join(directory, name), '');
    }
    removeLeftovers(directory);
    expect(readdirSync(directory).sort()).toEqual(['.hidden', 'notes.tmp', 'state.json']);
  });
});

describe('a bounded read', () => {
  it.each([
    [9, false],
    [10, false],
    [11, true],
  ])('of a file of %i bytes with a bound of 10', (size, refused) => {
    const path = join(tempDir(), 'file');
    writeFileSync(path, 'x'.repeat(size));
    if (refused) expect(() => readFileBounded(path, 10)).toThrow('larger than 10 bytes');
    else expect(readFileBounded(path, 10)?.length).toBe(size);
  });

  it('answers null for what is not there', () => {
    expect(readFileBounded(join(tempDir(), 'missing'), 10)).toBeNull();
  });

  it('does not follow a link, not even a dangling one', () => {
    const path = join(tempDir(), 'link');
    symlinkSync('/nonexistent/target', path);
    expect(() => readFileBounded(path, 10)).toThrow('ELOOP');
  });

  it('neither waits for a pipe nor reads a directory', (test) => {
    const directory = tempDir();
    const pipe = join(directory, 'pipe');
    execFileSync(requireTool(test, 'mkfifo'), [pipe]);
    expect(() => readFileBounded(pipe, 10)).toThrow('not a regular file');
    expect(() => readFileBounded(directory, 10)).toThrow('not a regular file');
  });

  it('reads a sparse file of a gigabyte no further than its bound', () => {
    const path = join(tempDir(), 'sparse');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 30);
    expect(() => readFileBounded(path, 100_000)).toThrow('larger than 100000 bytes');
  });
});

const writeUnderFault = (strace: string, fault: string): { readonly directory: string; readonly output: string } => {
  const directory = tempDir();
  const path = join(directory, 'state.json');
  writeFileSync(path, 'old');
  const script = bundledScript(`
    import { writeFileAtomically } from './src/adapters/atomic-file.ts';
    try {
      writeFileAtomically(process.argv[2] ?? '', 'new');
      process.stdout.write('written');
    } catch (cause) {
      process.stdout.write(String(cause));
    }
  `);
  const trace = ['-f', '-o', '/dev/null', '-e', `inject=${fault}`];
  return {
    directory,
    output: execFileSync(strace, [...trace, process.execPath, script, path], { encoding: 'utf8' }),
  };
};
