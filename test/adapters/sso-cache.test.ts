import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SsoCache } from '../../src/adapters/sso-cache.ts';
import type { SessionRecord } from '../../src/core/types.ts';
import { epoch } from '../../src/core/types.ts';
import { FakeClock, seconds, settled } from '../support/fake-clock.ts';
import { readOnly } from '../support/file-faults.ts';
import { sessionRecord } from '../support/sso-world.ts';
import { tempDir } from '../support/temp-dir.ts';

const fileName = '0ad374308c5a4e22f723adf10145eafad7c4031c.json';

const open = (directory = join(tempDir(), '.aws', 'sso', 'cache')) => {
  const clock = new FakeClock();
  const identity = { startUrl: 'https://example.awsapps.com/start', region: 'us-east-1' };
  const store = new SsoCache({ ...identity, directory, cacheKey: 'my-sso', timers: clock });
  const path = join(directory, fileName);
  const fields = () => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const write = (content: object | string) => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  };
  return { clock, store, directory, path, fields, write };
};

type Opened = ReturnType<typeof open>;

const record = (clock: FakeClock, n: number, extra: Partial<SessionRecord> = {}): SessionRecord =>
  sessionRecord(clock, { accessToken: `at-${n}`, refreshToken: `rt-${n}`, ...extra });

/** Lets the retries of a read pass. */
const passing = async <T>({ clock }: Opened, promise: Promise<T>): Promise<T> => {
  await clock.pass(seconds(1));
  return promise;
};

describe('the shared token cache', () => {
  it('gives back what it was given', async () => {
    const cache = open();
    const stored = record(cache.clock, 1);
    expect(await cache.store.load()).toEqual({ type: 'gone' });
    expect(await cache.store.save(stored, null)).toEqual({ type: 'saved' });
    expect(await cache.store.load()).toEqual({ type: 'found', record: stored });
  });

  it('case 17, defect 3: keeps the file to its user, replaces it whole, and leaves nothing else there', async () => {
    const cache = open();
    await cache.store.save(record(cache.clock, 1), null);
    expect(statSync(cache.directory).mode & 0o777).toBe(0o700);
    chmodSync(cache.path, 0o644);
    const { ino } = statSync(cache.path);
    await cache.store.save(record(cache.clock, 2), record(cache.clock, 1));
    expect(statSync(cache.path).mode & 0o777).toBe(0o600);
    expect(statSync(cache.path).ino).not.toBe(ino);
    expect(readdirSync(cache.directory)).toEqual([fileName]);
  });

  it('case 17: never shows other tools a name that ends in .json', async () => {
    const cache = open();
    await cache.store.save(record(cache.clock, 1), null);
    const names = new Set<string>();
    const watcher = watch(cache.directory, (_event, name) => names.add(String(name)));
    onTestFinished(() => watcher.close());
    await cache.store.save(record(cache.clock, 2), record(cache.clock, 1));
    while (!names.has(fileName)) await settled();
    expect([...names].filter((name) => name.endsWith('.json'))).toEqual([fileName]);
  });

  it('leaves the mode of a directory that exists alone', async () => {
    const directory = join(tempDir(), 'cache');
    mkdirSync(directory, { mode: 0o755 });
    chmodSync(directory, 0o755);
    const cache = open(directory);
    await cache.store.save(record(cache.clock, 1), null);
    expect(statSync(directory).mode & 0o777).toBe(0o755);
  });

  it('case 17: works in a directory, and on a file, that is a link', async () => {
    const elsewhere = tempDir();
    const directory = join(tempDir(), 'cache');
    symlinkSync(elsewhere, directory);
    const linked = open(directory);
    await linked.store.save(record(linked.clock, 1), null);
    expect(readdirSync(elsewhere)).toEqual([fileName]);

    const real = join(tempDir(), 'dotfiles.json');
    const cache = open();
    mkdirSync(dirname(cache.path), { recursive: true });
    writeFileSync(real, readFileSync(linked.path));
    symlinkSync(real, cache.path);
    await cache.store.save(record(cache.clock, 2), record(cache.clock, 1));
    expect(JSON.parse(readFileSync(real, 'utf8'))).toMatchObject({ accessToken: 'at-2' });
    await cache.store.remove();
    expect([existsSync(real), readdirSync(cache.directory)]).toEqual([false, []]);
  });

  it('case 18: keeps the fields of other tools', async () => {
    const cache = open();
    await cache.store.save(record(cache.clock, 1), null);
    cache.write({ ...cache.fields(), theirs: { deep: [1, 2] } });
    await cache.store.save(record(cache.clock, 2), record(cache.clock, 1));
    expect(cache.fields()).toMatchObject({ accessToken: 'at-2', theirs: { deep: [1, 2] } });
  });

  it('case 16: takes a file that is gone for a sign-out, and does not make it again', async () => {
    const cache = open();
    await cache.store.save(record(cache.clock, 1), null);
    rmSync(cache.path);
    expect(await cache.store.save(record(cache.clock, 2), record(cache.clock, 1))).toEqual({ type: 'gone' });
    expect(readdirSync(cache.directory)).toEqual([]);
    expect(await cache.store.load()).toEqual({ type: 'gone' });
  });

  it.each(['', '{"accessToken":"at-1","expi'])('case 15: waits for the writer of %j', async (half) => {
    const cache = open();
    await cache.store.save(record(cache.clock, 1), null);
    const whole = readFileSync(cache.path, 'utf8');
    cache.write(half);
    const loading = cache.store.load();
    await cache.clock.pass(200);
    cache.write(whole);
    await cache.clock.pass(50);
    expect(await loading).toMatchObject({ type: 'found', record: { accessToken: 'at-1' } });
  });

  it.each(['', '{', '[]', '{"accessToken":"at-1"}'])(
    'case 15: calls %j unreadable, never a sign-out',
    async (broken) => {
      const cache = open();
      cache.write(broken);
      expect(await passing(cache, cache.store.load())).toMatchObject({ type: 'unreadable' });
    },
  );

  it('repairs a file that nobody finishes', async () => {
    const cache = open();
    cache.write('{"half');
    expect(await passing(cache, cache.store.save(record(cache.clock, 2), record(cache.clock, 1)))).toEqual({
      type: 'saved',
    });
    expect(cache.fields()).toMatchObject({ accessToken: 'at-2' });
  });

  it('defect 8: keeps what another tool stored meanwhile when that lives longer', async () => {
    const cache = open();
    const theirs = record(cache.clock, 7, { expiresAt: epoch(cache.clock.now() + seconds(7200)) });
    await cache.store.save(theirs, null);
    const outcome = await cache.store.save(record(cache.clock, 2), record(cache.clock, 1));
    expect(outcome).toEqual({ type: 'changed', record: theirs });
    expect(cache.fields()).toMatchObject({ accessToken: 'at-7' });
  });

  it('replaces what another tool stored meanwhile when ours lives longer', async () => {
    const cache = open();
    await cache.store.save(record(cache.clock, 7, { expiresAt: cache.clock.now() }), null);
    expect(await cache.store.save(record(cache.clock, 2), record(cache.clock, 1))).toEqual({ type: 'saved' });
    expect(cache.fields()).toMatchObject({ accessToken: 'at-2', refreshToken: 'rt-2' });
  });

  it('replaces what it read even by something that ends sooner', async () => {
    const cache = open();
    await cache.store.save(record(cache.clock, 1), null);
    const shorter = record(cache.clock, 2, { expiresAt: epoch(cache.clock.now() + seconds(60)) });
    expect(await cache.store.save(shorter, record(cache.clock, 1))).toEqual({ type: 'saved' });
  });

  it('case 19: says when it cannot write, and writes again when it can', async () => {
    const root = tempDir();
    writeFileSync(join(root, 'sso'), 'a file where the directory should be');
    const cache = open(join(root, 'sso', 'cache'));
    expect(await cache.store.save(record(cache.clock, 1), null)).toMatchObject({ type: 'failed' });
    expect(await cache.store.load()).toMatchObject({ type: 'unreadable' });
    rmSync(join(root, 'sso'));
    expect(await cache.store.save(record(cache.clock, 1), null)).toEqual({ type: 'saved' });
  });

  it('case 19: says when the directory is read-only, and writes again when it is not', async (test) => {
    const cache = open();
    await cache.store.save(record(cache.clock, 1), null);
    const writable = readOnly(test, cache.directory);
    const outcome = await cache.store.save(record(cache.clock, 2), record(cache.clock, 1));
    expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringMatching(/EACCES|EROFS/) });
    expect(cache.fields()).toMatchObject({ accessToken: 'at-1' });
    writable();
    expect(await cache.store.save(record(cache.clock, 2), record(cache.clock, 1))).toEqual({ type: 'saved' });
  });

  it('case 52: removes the file as the AWS CLI does, and minds nothing that is gone', async () => {
    const cache = open();
    await cache.store.save(record(cache.clock, 1), null);
    await cache.store.remove();
    expect(readdirSync(cache.directory)).toEqual([]);
    await cache.store.remove();
  });

  it('puts no token into what it says about a failure', async () => {
    const cache = open();
    cache.write('{"accessToken":"at-secret"');
    expect(JSON.stringify(await passing(cache, cache.store.load()))).not.toContain('at-secret');
  });
});

describe('watching the shared token cache', () => {
  const watched = async () => {
    const cache = open();
    await cache.store.save(record(cache.clock, 1), null);
    const reports: string[] = [];
    const stop = cache.store.watch(() => reports.push('changed'));
    onTestFinished(stop);
    return { ...cache, reports, stop };
  };

  /** Real events of the file system come when they come; time passes only for the debounce. */
  const reported = async ({ clock, reports }: { clock: FakeClock; reports: readonly string[] }, count: number) => {
    while (reports.length < count) {
      await settled();
      await clock.pass(1);
    }
  };

  const nothingReported = async ({ clock, reports }: { clock: FakeClock; reports: readonly string[] }) => {
    await clock.pass(seconds(11));
    expect(reports).toEqual([]);
  };

  it('reports a file that was replaced, written in place, removed and made again', async () => {
    const cache = await watched();
    const other = open(cache.directory);
    await other.store.save(record(cache.clock, 2), record(cache.clock, 1));
    await reported(cache, 1);
    cache.write({ ...cache.fields(), accessToken: 'at-3' });
    await reported(cache, 2);
    rmSync(cache.path);
    await reported(cache, 3);
    await other.store.save(record(cache.clock, 4), null);
    await reported(cache, 4);
  });

  it('does not report what it wrote or removed itself', async () => {
    const cache = await watched();
    await cache.store.save(record(cache.clock, 2), record(cache.clock, 1));
    await nothingReported(cache);
    await cache.store.remove();
    await nothingReported(cache);
  });

  it('does not report a file that was touched and not changed', async () => {
    const cache = await watched();
    utimesSync(cache.path, 1, 1);
    await nothingReported(cache);
  });

  it('reports what another tool wrote right after us', async () => {
    const cache = await watched();
    await cache.store.save(record(cache.clock, 2), record(cache.clock, 1));
    cache.write({ ...cache.fields(), accessToken: 'at-3' });
    await reported(cache, 1);
  });

  it('looks every 5 seconds where the file system reports nothing, as before the directory exists', async () => {
    const cache = open();
    const reports: string[] = [];
    onTestFinished(cache.store.watch(() => reports.push('changed')));
    cache.write({ accessToken: 'at-1', expiresAt: '2030-01-01T00:00:00Z' });
    await cache.clock.pass(seconds(5) - 1);
    expect(reports).toEqual([]);
    await cache.clock.pass(1);
    expect(reports).toEqual(['changed']);
  });

  it('reports nothing once it was told to stop', async () => {
    const cache = await watched();
    cache.stop();
    rmSync(cache.path);
    await nothingReported(cache);
  });
});
