import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { heldAccessKeyId } from '../../config/aws-credentials-edit.ts';
import { type Edit, editFile } from '../../src/adapters/edit-file.ts';
import { bundledScript } from '../support/bundled-script.ts';
import { readOnly, tinyFileSystem } from '../support/file-faults.ts';
import { cannotRun, requireTool } from '../support/required.ts';
import { tempDir } from '../support/temp-dir.ts';

const run = promisify(execFile);

interface Place {
  readonly path: string;
  readonly locks: string;
}

const place = (directory = tempDir()): Place => ({
  path: join(directory, '.aws', 'credentials'),
  locks: join(tempDir(), 'locks'),
});

const placeWith = (text: string): Place => {
  const made = place();
  mkdirSync(join(made.path, '..'));
  writeFileSync(made.path, text, { mode: 0o600 });
  return made;
};

const edit = ({ path, locks }: Place, change: Edit): Promise<void> =>
  editFile({ path, locks, signal: new AbortController().signal }, change);

const append =
  (more: string): Edit =>
  (text) =>
    (text ?? '') + more;

describe('an edited file', () => {
  it.each([0o000, 0o022, 0o077])('is made for its owner alone, with its directory, under umask %o', async (mask) => {
    const made = place();
    const before = process.umask(mask);
    try {
      await edit(made, append('new'));
    } finally {
      process.umask(before);
    }
    expect(readFileSync(made.path, 'utf8')).toBe('new');
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
    expect(statSync(join(made.path, '..')).mode & 0o777).toBe(0o700);
  });

  it('is closed to others where it was open to them', async () => {
    const made = placeWith('old');
    chmodSync(made.path, 0o644);
    await edit(made, append('+'));
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['nothing', null],
    ['the same text', 'old'],
  ])('is not written again when the edit answers %s', async (_, answer) => {
    const made = placeWith('old');
    const before = statSync(made.path);
    await edit(made, () => answer);
    expect(statSync(made.path).ino).toBe(before.ino);
    expect(statSync(made.path).mtimeMs).toBe(before.mtimeMs);
  });

  it('is not made, nor its directory, when there is nothing to write', async () => {
    const made = place();
    await edit(made, (text) => text);
    expect(existsSync(join(made.path, '..'))).toBe(false);
  });

  it('keeps its bytes, a byte order mark among them', async () => {
    const made = placeWith('\uFEFFä\r\n');
    await edit(made, append('+'));
    expect(readFileSync(made.path, 'utf8')).toBe('\uFEFFä\r\n+');
  });

  it('is edited through links, which stay', async () => {
    const made = placeWith('old');
    const [first, second] = [join(tempDir(), 'first'), join(tempDir(), 'second')];
    symlinkSync(made.path, first);
    symlinkSync(first, second);
    await edit({ ...made, path: second }, append('+'));
    expect(readFileSync(made.path, 'utf8')).toBe('old+');
    expect([readlinkSync(second), readlinkSync(first)]).toEqual([first, made.path]);
  });

  it('is one file by every name, so that all its editors take turns at it', async () => {
    const made = placeWith('old');
    const link = join(tempDir(), 'link');
    symlinkSync(made.path, link);
    await edit(made, append('+'));
    await edit({ ...made, path: link }, append('+'));
    expect(readdirSync(made.locks)).toHaveLength(1);
  });

  it('is left alone when the edit throws, and the next one has its turn', async () => {
    const made = placeWith('old');
    const fault = new Error('no such section');
    await expect(
      edit(made, () => {
        throw fault;
      }),
    ).rejects.toBe(fault);
    await edit(made, append('+'));
    expect(readFileSync(made.path, 'utf8')).toBe('old+');
  });

  it('is rid of what a killed writer left, and of nothing else', async () => {
    const made = placeWith('old');
    const directory = join(made.path, '..');
    const kept = ['.credentials.tmp', '.credentials.0123456789ab.tmp.txt', '.config.0123456789ab.tmp', 'config'];
    for (const name of [...kept, '.credentials.0123456789ab.tmp']) writeFileSync(join(directory, name), 'secret');
    await edit(made, append('+'));
    expect(readdirSync(directory).sort()).toEqual([...kept, 'credentials'].sort());
  });
});

describe('a file that is better left alone', () => {
  const refusal = async (made: Place): Promise<string> => {
    const thrown: unknown = await edit(made, append('+')).catch((error: unknown) => error);
    return thrown instanceof Error ? thrown.message : '';
  };

  it('links to nothing', async () => {
    const made = place();
    mkdirSync(join(made.path, '..'));
    symlinkSync('/nonexistent/target', made.path);
    expect(await refusal(made)).toBe(`"${made.path}" links to nothing. Remove the link, or make its target`);
    expect(readlinkSync(made.path)).toBe('/nonexistent/target');
  });

  it('links to itself', async () => {
    const made = place();
    mkdirSync(join(made.path, '..'));
    symlinkSync(made.path, made.path);
    expect(await refusal(made)).toContain('cannot be found (ELOOP)');
  });

  it('is no file at all, such as /dev/null', async (test) => {
    const made = place();
    mkdirSync(join(made.path, '..'));
    execFileSync(requireTool(test, 'mkfifo'), [made.path]);
    expect(await refusal(made)).toContain('cannot be read (it is no ordinary file)');
    expect(statSync(made.path).isFIFO()).toBe(true);
    expect(await refusal({ ...made, path: '/dev/null' })).toContain('"/dev/null" cannot be read');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('is not UTF-8', async () => {
    const made = placeWith('');
    writeFileSync(made.path, Buffer.from([0x5b, 0xe4, 0x5d]));
    expect(await refusal(made)).toContain('cannot be read (it is not UTF-8)');
    expect(readFileSync(made.path)).toEqual(Buffer.from([0x5b, 0xe4, 0x5d]));
  });

  it('belongs to another user', async (test) => {
    const made = placeWith('theirs');
    if (process.geteuid?.() !== 0) cannotRun(test, 'giving a file away takes root');
    chownSync(made.path, 65_534, 65_534);
    expect(await refusal(made)).toBe(`"${made.path}" belongs to another user. Run this as that user`);
    expect(readFileSync(made.path, 'utf8')).toBe('theirs');
  });

  it('is in a directory that takes no new files', async (test) => {
    const made = placeWith('old');
    const restore = readOnly(test, join(made.path, '..'));
    expect(await refusal(made)).toMatch(/cannot be written \((EROFS|EACCES)\)/);
    restore();
    expect(readFileSync(made.path, 'utf8')).toBe('old');
    expect(await refusal(made)).toBe('');
  });

  it('is on a full disk', async (test) => {
    const directory = tinyFileSystem(test);
    const made = { path: join(directory, 'credentials'), locks: join(tempDir(), 'locks') };
    await edit(made, append('old'));
    await expect(edit(made, append('x'.repeat(1_000_000)))).rejects.toThrow('cannot be written (ENOSPC)');
    expect(readFileSync(made.path, 'utf8')).toBe('old');
    expect(readdirSync(directory)).toEqual(['credentials']);
  });
});

/** Checks a profile out into the file, and prints "done". */
const writer = (): string =>
  bundledScript(`
    import { editFile } from './src/adapters/edit-file.ts';
    import { withCredentials } from './config/aws-credentials-edit.ts';
    const [, , path = '', locks = '', section = ''] = process.argv;
    const keys = { accessKeyId: 'ASIA' + section, secretAccessKey: 's', sessionToken: 't', region: null };
    const signal = new AbortController().signal;
    editFile({ path, locks, signal }, (text) => withCredentials(text, section, keys)).then(
      () => process.stdout.write('done'),
      (error) => process.stdout.write(error.message),
    );
  `);

describe('many writers', () => {
  it('lose none of 50 sections that 50 processes write at once', async () => {
    const made = placeWith('# mine\n[own]\nx = 1\n');
    const script = writer();
    const names = Array.from({ length: 50 }, (_, at) => `p${at}`);
    const answers = await Promise.all(
      names.map(async (name) => (await run(process.execPath, [script, made.path, made.locks, name])).stdout),
    );
    expect(answers).toEqual(names.map(() => 'done'));
    const text = readFileSync(made.path, 'utf8');
    expect(names.filter((name) => heldAccessKeyId(text, name) !== `ASIA${name}`)).toEqual([]);
    expect(text.startsWith('# mine\n[own]\nx = 1\n')).toBe(true);
    expect(readdirSync(join(made.path, '..'))).toEqual(['credentials']);
  });

  it('lose none of 100 edits that one process makes at once', async () => {
    const made = placeWith('');
    await Promise.all(Array.from({ length: 100 }, () => edit(made, append('x'))));
    expect(readFileSync(made.path, 'utf8')).toBe('x'.repeat(100));
  });
});

describe('a writer that is killed', () => {
  const old = '[own]\nx = 1\n';
  const whole = (text: string): boolean =>
    text === old || (text.startsWith(old) && heldAccessKeyId(text, 'dev') === 'ASIAdev');

  it.for([
    ['fsync', 1],
    ['fsync', 2],
    ['fsync', 3],
    ['fchmod', 1],
    ['/^rename', 1],
    ['/^link', 1],
    ['/^f?truncate', 1],
  ] as const)(
    'at %s number %i leaves the old file or the new one, and the turn to the next',
    async ([call, when], test) => {
      const strace = requireTool(test, 'strace');
      const script = writer();
      const made = placeWith(old);
      const inject = `inject=${call}:signal=SIGKILL:when=${when}`;
      const killed = run(strace, [
        '-f',
        '-o',
        '/dev/null',
        '-e',
        inject,
        process.execPath,
        script,
        made.path,
        made.locks,
        'dev',
      ]);
      await expect(killed).rejects.toThrow();
      expect(readFileSync(made.path, 'utf8')).toSatisfy(whole);
      expect((await run(process.execPath, [script, made.path, made.locks, 'next'])).stdout).toBe('done');
      expect(heldAccessKeyId(readFileSync(made.path, 'utf8'), 'next')).toBe('ASIAnext');
      expect(readdirSync(join(made.path, '..'))).toEqual(['credentials']);
    },
  );
});
