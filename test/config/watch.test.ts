import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type LoadOptions, loadSettings } from '../../config/load.ts';
import { type SettingsChange, watchSettings } from '../../config/watch.ts';
import type { Timers } from '../../src/core/ports.ts';
import type { Settings } from '../../src/core/settings.ts';
import { tempDir } from '../support/temp-dir.ts';

const debounce = 100;
const poll = 5_000;

interface HandTimer {
  readonly ms: number;
  readonly run: () => void;
}

/** Timers that run when the test says so. Real file events decide when they are armed, so the test can wait for that. */
class HandTimers implements Timers {
  #pending: HandTimer[] = [];
  #atOnce = 0;
  #armed: { readonly ms: number; readonly resolve: () => void }[] = [];

  after = (ms: number, run: () => void): (() => void) => {
    const timer = { ms, run };
    this.#pending.push(timer);
    if (ms === this.#atOnce) queueMicrotask(() => this.#run(timer));
    for (const waiter of this.#armed.filter((one) => one.ms === ms)) waiter.resolve();
    return () => {
      this.#pending = this.#pending.filter((other) => other !== timer);
    };
  };

  pending = (ms: number): number => this.#pending.filter((timer) => timer.ms === ms).length;

  /** Resolves when a timer is armed after this call. */
  armed(ms: number): Promise<void> {
    return new Promise((resolve) => this.#armed.push({ ms, resolve }));
  }

  async fire(ms: number): Promise<void> {
    if (this.pending(ms) === 0) await this.armed(ms);
    for (const timer of this.#pending) if (timer.ms === ms) this.#run(timer);
  }

  runAtOnce(ms: number): void {
    this.#atOnce = ms;
    for (const timer of this.#pending) if (timer.ms === ms) this.#run(timer);
  }

  #run(timer: HandTimer): void {
    if (!this.#pending.includes(timer)) return;
    this.#pending = this.#pending.filter((other) => other !== timer);
    timer.run();
  }
}

/** What was called back, for a test that waits for the change it has made. */
class Changes {
  readonly all: SettingsChange[] = [];
  #arrived: () => void = () => {};

  readonly add = (change: SettingsChange): void => {
    this.all.push(change);
    this.#arrived();
  };

  async until(wanted: (change: SettingsChange) => boolean): Promise<SettingsChange> {
    for (let seen = 0; ; seen++) {
      while (this.all.length <= seen) await new Promise<void>((resolve) => (this.#arrived = resolve));
      const change = this.all[seen];
      if (change !== undefined && wanted(change)) return change;
    }
  }
}

const profile = (name: string): string => `[profile ${name}]\nregion = eu-west-1\n`;
const has = (name: string) => (change: SettingsChange) =>
  change.type === 'loaded' && change.settings.profiles.has(name);
const isRejected = (change: SettingsChange): boolean => change.type === 'rejected';

interface Home {
  readonly aws: string;
  readonly yaml: string;
  readonly load: LoadOptions;
}

const makeHome = (): Home => {
  const home = tempDir();
  mkdirSync(join(home, '.aws'));
  mkdirSync(join(home, '.config/credbroker'), { recursive: true });
  writeFileSync(join(home, '.aws/config'), profile('one'));
  return {
    aws: join(home, '.aws/config'),
    yaml: join(home, '.config/credbroker/config.yaml'),
    load: { env: { HOME: home }, platform: 'linux' },
  };
};

/** Counts whole looks at the files, by the one that is read last. */
class Looks {
  #count = 0;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  readonly readFile = async (path: string): Promise<Uint8Array> => {
    try {
      return await readFile(path);
    } finally {
      if (path.endsWith('credentials')) this.#count += 1;
      for (const { count, resolve } of this.#waiting) if (this.#count >= count) resolve();
    }
  };

  /** Resolves when so many looks are over and what they found has been told. */
  async done(count: number): Promise<void> {
    if (this.#count < count) await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    await setImmediate();
  }
}

interface Watching {
  readonly changes: Changes;
  readonly timers: HandTimers;
  readonly looks: Looks;
  readonly reload: () => Promise<Settings>;
  readonly stop: () => void;
}

const startWatching = async (load: LoadOptions): Promise<Watching> => {
  const settings = await loadSettings(load);
  const { changes, timers, looks } = { changes: new Changes(), timers: new HandTimers(), looks: new Looks() };
  const { readFile } = looks;
  const { reload, close: stop } = watchSettings({
    settings,
    load: { ...load, readFile },
    timers,
    changed: changes.add,
  });
  onTestFinished(stop);
  await looks.done(1);
  // Once the directories are watched it asks for a second look, lest it missed something in between.
  await timers.fire(debounce);
  await looks.done(2);
  return { changes, timers, looks, reload, stop };
};

/** Watches while the debounce runs out at once, each time that files stir. */
const watchEagerly = async (load: LoadOptions): Promise<Changes> => {
  const { changes, timers } = await startWatching(load);
  timers.runAtOnce(debounce);
  return changes;
};

it('takes up an edit in place, a debounce after the file stirs (case 13)', async () => {
  const { aws, load } = makeHome();
  const changes = await watchEagerly(load);
  writeFileSync(aws, profile('one') + profile('two'));
  await changes.until(has('two'));
});

it('takes up a file put in the place of another, twice', async () => {
  const { aws, load } = makeHome();
  const changes = await watchEagerly(load);
  for (const name of ['two', 'three']) {
    writeFileSync(`${aws}.new`, profile(name));
    renameSync(`${aws}.new`, aws);
    await changes.until(has(name));
  }
});

it('takes up a file, and a directory, that appear later', async () => {
  const home = tempDir();
  const changes = await watchEagerly({ env: { HOME: home }, platform: 'linux' });
  mkdirSync(join(home, '.aws'));
  writeFileSync(join(home, '.aws/credentials'), '[late]\nregion = x\n');
  await changes.until(has('late'));
  writeFileSync(join(home, '.aws/config'), profile('later'));
  await changes.until(has('later'));
});

it('goes on when the directory is removed and made anew', async () => {
  const { aws, load } = makeHome();
  // Without a directory for config.yaml the home is watched as well, first for that one alone.
  rmSync(join(dirname(aws), '../.config'), { recursive: true });
  const changes = await watchEagerly(load);
  rmSync(dirname(aws), { recursive: true });
  await changes.until((change) => change.settings.profiles.size === 0);
  mkdirSync(dirname(aws));
  // Several, because the first are noticed by what still stirs from the removal.
  for (const name of ['two', 'three', 'four', 'five', 'six']) {
    writeFileSync(aws, profile(name));
    await changes.until(has(name));
  }
});

it('takes up an edit behind a link', async () => {
  const home = tempDir();
  mkdirSync(join(home, '.aws'));
  mkdirSync(join(home, 'dotfiles'));
  writeFileSync(join(home, 'dotfiles/aws'), profile('one'));
  symlinkSync(join(home, 'dotfiles/aws'), join(home, '.aws/config'));
  const changes = await watchEagerly({ env: { HOME: home }, platform: 'linux' });
  writeFileSync(join(home, 'dotfiles/aws'), profile('two'));
  await changes.until(has('two'));
});

it('keeps the last good settings through a broken edit of config.yaml and tells the line', async () => {
  const { yaml, load } = makeHome();
  const changes = await watchEagerly(load);
  writeFileSync(`${yaml}.new`, 'login: manual\nsesions: {}\n');
  renameSync(`${yaml}.new`, yaml);
  const change = await changes.until(isRejected);
  const message = 'The key "sesions" is not known here, did you mean "sessions"';
  expect(change).toMatchObject({ error: { code: 'ConfigInvalid', message: `${yaml}:2 sesions: ${message}` } });
  expect(change.settings).toMatchObject({
    login: 'on-demand',
    diagnostics: [{ file: yaml, line: 2, severity: 'error' }],
  });
  expect([...change.settings.profiles.keys()]).toEqual(['one']);

  writeFileSync(yaml, 'login: manual\n');
  const mended = await changes.until((one) => one.settings.login === 'manual');
  expect(mended).toMatchObject({ type: 'loaded', settings: { diagnostics: [] } });
});

it('keeps the last good settings through a broken edit of the AWS file', async () => {
  const { aws, load } = makeHome();
  const changes = await watchEagerly(load);
  writeFileSync(`${aws}.new`, `${profile('two')}[profile one\n`);
  renameSync(`${aws}.new`, aws);
  const change = await changes.until(isRejected);
  expect([...change.settings.profiles.keys()]).toEqual(['one']);
  expect(change.settings.diagnostics).toMatchObject([{ file: aws, line: 3, severity: 'error' }]);
});

it('does not hold a fault that was there from the start against later edits', async () => {
  const { aws, load } = makeHome();
  writeFileSync(aws, `oops\n${profile('one')}`);
  const changes = await watchEagerly(load);
  writeFileSync(`${aws}.new`, `oops\n${profile('two')}`);
  renameSync(`${aws}.new`, aws);
  expect((await changes.until(has('two'))).type).toBe('loaded');
});

it('notices by polling what the system did not report, and keeps polling', async () => {
  const { aws, load } = makeHome();
  const { changes, timers } = await startWatching(load);
  for (const name of ['two', 'three', 'more']) {
    writeFileSync(`${aws}.new`, profile(name));
    renameSync(`${aws}.new`, aws);
    await timers.fire(poll);
    await changes.until(has(name));
  }
});

it('waits anew after each stir, so that a burst is read once', async () => {
  const { aws, load } = makeHome();
  const { changes, timers } = await startWatching(load);
  for (const name of ['two', 'three']) {
    const stirred = timers.armed(debounce);
    writeFileSync(aws, profile(name));
    await stirred;
    expect(timers.pending(debounce)).toBe(1);
  }
  expect(changes.all).toEqual([]);
  await timers.fire(debounce);
  await changes.until(has('three'));
});

it('finds an edit made between loading and watching', async () => {
  const { aws, load } = makeHome();
  const settings = await loadSettings(load);
  writeFileSync(aws, profile('two'));
  const changes = new Changes();
  onTestFinished(watchSettings({ settings, load, timers: new HandTimers(), changed: changes.add }).close);
  await changes.until(has('two'));
});

it('says nothing of files that read as they did, and nothing once closed', async () => {
  const { aws, load } = makeHome();
  const { changes, timers, looks, stop } = await startWatching(load);
  writeFileSync(`${aws}.new`, profile('one'));
  renameSync(`${aws}.new`, aws);
  await timers.fire(debounce);
  await looks.done(3);
  expect(changes.all).toEqual([]);
  stop();
  expect([timers.pending(debounce), timers.pending(poll)]).toEqual([0, 0]);
});

it('looks at once when asked, and answers with what is in force and what is wrong', async () => {
  const { aws, load } = makeHome();
  const { reload } = await startWatching(load);
  const before = [...(await reload()).profiles.keys()];
  rmSync(aws);
  mkdirSync(aws);
  const broken = await reload();
  expect([...broken.profiles.keys()]).toEqual(before);
  expect(broken.diagnostics[0]).toMatchObject({ severity: 'error', file: aws });
  rmSync(aws, { recursive: true });
  writeFileSync(aws, profile('two'));
  expect([...(await reload()).profiles.keys()]).toEqual(['two']);
});
