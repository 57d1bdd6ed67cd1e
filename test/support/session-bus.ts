import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { onTestFinished } from 'vitest';
import { requireTool } from './required.ts';
import { tempDir } from './temp-dir.ts';

export interface SessionBus {
  readonly env: NodeJS.ProcessEnv;
  /** Starts gnome-keyring-daemon, unlocked with this password, and waits until it serves. */
  readonly startKeyring: (password: string) => Promise<ChildProcess>;
  /** As after a login elsewhere: it serves and its keyrings are locked. */
  readonly startLockedKeyring: () => Promise<ChildProcess>;
  /** `secret-tool` of libsecret, a client that is not ours. */
  readonly secretTool: (args: readonly string[]) => string;
}

/** A private D-Bus session with a home of its own. Skips the test where the tools are missing. */
export const sessionBus = async (test: TestContext): Promise<SessionBus> => {
  const [dbusDaemon, gdbus] = [requireTool(test, 'dbus-daemon'), requireTool(test, 'gdbus')];
  const keyringDaemon = requireTool(test, 'gnome-keyring-daemon');
  const home = tempDir();
  const [cache, data, run] = [join(home, '.cache'), join(home, '.local/share'), join(home, 'run')];
  for (const directory of [cache, join(data, 'keyrings'), run]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const config = join(home, 'bus.conf');
  writeFileSync(config, busConfig);
  const bus = spawn(dbusDaemon, [`--config-file=${config}`, '--nofork', '--nopidfile', '--print-address=1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], HOME: home },
  });
  endWithTest(bus);
  const [address] = await once(bus.stdout.setEncoding('utf8'), 'data');
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_RUNTIME_DIR: run,
    XDG_CACHE_HOME: cache,
    XDG_DATA_HOME: data,
    DBUS_SESSION_BUS_ADDRESS: String(address).trim(),
  };
  const start = async (args: readonly string[], input: string): Promise<ChildProcess> => {
    const daemon = spawn(keyringDaemon, ['--foreground', '--components=secrets', ...args], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env,
    });
    endWithTest(daemon);
    daemon.stdin.end(input);
    await once(spawn(gdbus, ['wait', '--session', '--timeout', '20', 'org.freedesktop.secrets'], { env }), 'exit');
    return daemon;
  };
  return {
    env,
    startKeyring: (password) => start(['--unlock'], password),
    startLockedKeyring: () => start([], ''),
    secretTool: (args) =>
      execFileSync(requireTool(test, 'secret-tool'), args, {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
  };
};

/** Without service directories: nothing starts by itself, so that a test decides whether there is a keyring. */
export const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`;

const endWithTest = (child: ChildProcess): void => {
  onTestFinished(() => void child.kill('SIGKILL'));
};
