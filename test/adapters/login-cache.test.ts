import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loginCacheDirectory, SharedLoginCache } from '../../src/adapters/login-cache.ts';
import { loginCacheFileName, loginFileOf, loginRecordOf } from '../../src/adapters/login-cache-format.ts';
import type { Timers } from '../../src/core/ports.ts';
import { epoch } from '../../src/core/types.ts';
import type { LoginRecord } from '../../src/providers/aws-login/types.ts';
import { atOnce, settled } from '../support/fake-clock.ts';
import { readOnly } from '../support/file-faults.ts';
import { tempDir } from '../support/temp-dir.ts';

const session = 'arn:aws:sts::012345678910:assumed-role/Admin/admin';
const fileName = '4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json';

const content = (n: number, changes: object = {}) => ({
  accessToken: {
    accessKeyId: `ASIA${n}`,
    secretAccessKey: `secret-${n}`,
    sessionToken: `token-${n}`,
    accountId: '012345678910',
    expiresAt: `2026-11-21T09:${10 + n}:00Z`,
  },
  tokenType: 'aws_sigv4',
  clientId: 'arn:aws:signin:::devtools/same-device',
  refreshToken: `rt-${n}`,
  idToken: 'id',
  dpopKey: 'key',
  ...changes,
});

const record = (n: number, changes: object = {}): LoginRecord => {
  const read = loginRecordOf(content(n, changes));
  if (read === null) throw new Error('not a record');
  return read;
};

/** What others do in each pause. */
const meanwhile = (act: () => void): Timers => ({
  after: (ms, run) => {
    act();
    return atOnce.after(ms, run);
  },
});

const open = (timers = atOnce, directory = join(tempDir(), 'login', 'cache')) => {
  const cache = new SharedLoginCache({ directory, loginSession: session, timers });
  const path = join(directory, fileName);
  const write = (file: object | string) => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file));
  };
  return { cache, directory, path, write, fields: (): object => JSON.parse(readFileSync(path, 'utf8')) };
};

describe('the file of an aws login', () => {
  it("is named after the session's SHA-256, blanks around it aside", () => {
    expect([session, ` ${session}\n`].map(loginCacheFileName)).toEqual([fileName, fileName]);
  });

  it('reads what it wrote', () => {
    const later = { ...record(1), expiresAt: epoch(Date.parse('2026-11-21T10:00:00.900Z')), signInRegion: null };
    const existing = content(0, { theirs: [1], accessToken: { ...content(0).accessToken, theirs: 2 } });
    const file = JSON.parse(loginFileOf(later, existing));
    expect(file).toEqual({
      ...content(1, { theirs: [1] }),
      accessToken: { ...content(1).accessToken, expiresAt: '2026-11-21T10:00:00Z', theirs: 2 },
    });
    expect(Object.keys(file)).toEqual(Object.keys(content(0, { theirs: [1] })));
  });

  it.each([
    ['no credentials', { accessToken: undefined }],
    ['credentials without a time', { accessToken: { ...content(1).accessToken, expiresAt: 'soon' } }],
    ['credentials without a secret', { accessToken: { ...content(1).accessToken, secretAccessKey: '' } }],
    ['a list for credentials', { accessToken: [] }],
  ])('is none with %s', (_what, changes) => {
    expect(loginRecordOf(content(1, changes))).toBeNull();
  });

  it.each(['2026-11-21T09:11:00.123Z', '2026-11-21T10:11:00.123+01:00'])('takes the time %s', (expiresAt) => {
    const accessToken = { ...content(1).accessToken, expiresAt };
    expect(record(1, { accessToken }).expiresAt).toBe(Date.parse('2026-11-21T09:11:00.123Z'));
  });

  it.each(['refreshToken', 'clientId', 'dpopKey'])('cannot be renewed without %s', (name) => {
    expect(record(1, { [name]: undefined })).toMatchObject({ accessKeyId: 'ASIA1', refresh: null });
  });
});

describe('the cache of aws login', () => {
  it('is where the AWS tools look for it', () => {
    const directory = (chosen?: string) =>
      loginCacheDirectory({
        HOME: '/home/dev',
        TEAM: 'blue',
        ...(chosen !== undefined && { AWS_LOGIN_CACHE_DIRECTORY: chosen }),
      });
    expect(directory()).toBe(join('/home/dev', '.aws', 'login', 'cache'));
    expect(directory('')).toBe(join('/home/dev', '.aws', 'login', 'cache'));
    expect(directory('/elsewhere')).toBe('/elsewhere');
    expect(directory('~/logins')).toBe('/home/dev/logins');
    expect(directory('~other/logins')).toBe('~other/logins');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's, not ours
    expect(directory('$HOME/${TEAM}/$UNSET')).toBe('/home/dev/blue/$UNSET');
  });

  it('replaces the file whole, for its user alone, and shows no other name that ends in .json', async () => {
    const { cache, write, directory, path, fields } = open();
    write(content(0, { theirs: { deep: [1] } }));
    const names = new Set<string>();
    const watcher = watch(directory, (_event, name) => names.add(String(name)));
    onTestFinished(() => watcher.close());
    const { ino } = statSync(path);
    expect(await cache.save(record(1), record(0))).toEqual({ type: 'saved' });
    expect(fields()).toEqual(content(1, { theirs: { deep: [1] } }));
    expect([statSync(path).mode & 0o777, statSync(path).ino === ino]).toEqual([0o600, false]);
    while (!names.has(fileName)) await settled();
    expect([...names].filter((name) => name.endsWith('.json'))).toEqual([fileName]);
    expect(readdirSync(directory)).toEqual([fileName]);
  });

  it('follows a link, and leaves it', async () => {
    const real = join(tempDir(), 'elsewhere.json');
    const { cache, path } = open();
    writeFileSync(real, JSON.stringify(content(0)));
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(real, path);
    expect(await cache.save(record(1), record(0))).toEqual({ type: 'saved' });
    expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual(content(1));
  });

  it('makes no file that is gone', async () => {
    const { cache, write, path } = open();
    expect(await cache.load()).toEqual({ type: 'gone' });
    write(content(0));
    rmSync(path);
    expect(await cache.save(record(1), record(0))).toEqual({ type: 'gone' });
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  it.each([
    ['what another tool renewed, when that lives longer', content(5), true],
    ['a new sign-in, though it ends sooner', content(0, { dpopKey: 'another', refreshToken: 'new' }), true],
    ['not what another tool renewed when ours lives longer', content(1, { refreshToken: 'other' }), false],
    ['not what was read before, though ours ends sooner', content(4, { refreshToken: 'rt-4' }), false],
  ])('keeps %s', async (_what, stored, kept) => {
    const { cache, write, fields } = open();
    write(stored);
    const replaced = stored.refreshToken === 'rt-4' ? record(4) : record(0);
    const saved = await cache.save(record(2), replaced);
    expect(saved).toEqual(kept ? { type: 'changed', record: loginRecordOf(stored) } : { type: 'saved' });
    expect(fields()).toEqual(kept ? stored : content(2));
  });

  it('is content with the same tokens, written by another tool', async () => {
    const { cache, write, fields } = open();
    const theirs = content(1, { accessToken: { ...content(1).accessToken, expiresAt: '2026-11-21T09:10:59Z' } });
    write(theirs);
    expect(await cache.save(record(1), record(0))).toEqual({ type: 'saved' });
    expect(fields()).toEqual(theirs);
  });

  it.each(['', '{"accessToken":{"acc', '[]', `${JSON.stringify(content(0))}"}`])(
    'repairs %j, and what it does not know with it',
    async (broken) => {
      const { cache, write, fields } = open();
      write(broken);
      expect(await cache.load()).toMatchObject({ type: 'unreadable' });
      expect(await cache.save(record(1, { theirs: 1 }), record(0))).toEqual({ type: 'saved' });
      expect(fields()).toEqual(content(1, { theirs: 1 }));
    },
  );

  it('waits for whoever is writing', async () => {
    const waits: (() => void)[] = [];
    const { cache, write } = open({
      after: (_ms, run) => {
        waits.push(run);
        return () => {};
      },
    });
    write('{"accessToken":{"acc');
    const loading = cache.load();
    write(content(3));
    waits[0]?.();
    expect(await loading).toEqual({ type: 'found', record: record(3) });
  });

  it.each([
    ['half of it', '{"accessToken":{"acc'],
    ['what it replaced', JSON.stringify(content(0))],
  ])('reads back what it wrote, and writes it again over %s', async (_what, theirs) => {
    let spoils = 2;
    const { cache, write, path, fields } = open(
      meanwhile(() => {
        if (readFileSync(path, 'utf8') === JSON.stringify(content(1)) && spoils-- > 0) write(theirs);
      }),
    );
    write(content(0));
    expect(await cache.save(record(1), record(0))).toEqual({ type: 'saved' });
    expect([spoils, fields()]).toEqual([-1, content(1)]);
  });

  it('gives up where others write all the time', async () => {
    const { cache, write } = open(meanwhile(() => write(content(0))));
    write(content(0));
    const detail = 'other programs write the file at the same time';
    expect(await cache.save(record(1), record(0))).toEqual({ type: 'failed', detail });
  });

  it('says when it cannot write, and names no token', async (test) => {
    const { cache, write, directory, fields } = open();
    write(content(0));
    const writable = readOnly(test, directory);
    const saved = await cache.save(record(1), record(0));
    expect(saved).toEqual({ type: 'failed', detail: expect.stringMatching(/cannot be written \((EACCES|EROFS)\)$/) });
    expect(fields()).toEqual(content(0));
    writable();
    expect(await cache.save(record(1), record(0))).toEqual({ type: 'saved' });
  });

  it('reports what others change, and not what it wrote itself', async () => {
    const { cache, write } = open();
    write(content(0));
    const reports: string[] = [];
    onTestFinished(cache.watch(() => reports.push('changed')));
    await cache.save(record(1), record(0));
    for (let turn = 0; turn < 20; turn++) await settled();
    expect(reports).toEqual([]);
    write(content(2));
    while (reports.length === 0) await settled();
    expect(reports).toEqual(['changed']);
  });
});
