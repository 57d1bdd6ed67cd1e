import { userInfo } from 'node:os';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { homeOf, variable } from '../../config/environment.ts';
import { configFile, statePaths } from '../../config/paths.ts';

describe('config.yaml', () => {
  it.each([
    ['linux', {}, '/home/user/.config/credbroker/config.yaml'],
    ['linux', { XDG_CONFIG_HOME: '/xdg' }, '/xdg/credbroker/config.yaml'],
    ['linux', { XDG_CONFIG_HOME: 'relative' }, '/home/user/.config/credbroker/config.yaml'],
    ['linux', { CREDBROKER_CONFIG: '/etc/cb.yaml', XDG_CONFIG_HOME: '/xdg' }, '/etc/cb.yaml'],
    ['darwin', { XDG_CONFIG_HOME: '/xdg' }, '/home/user/Library/Application Support/credbroker/config.yaml'],
    ['win32', { APPDATA: 'C:\\Roaming' }, 'C:\\Roaming\\credbroker\\config.yaml'],
    ['win32', {}, '\\home\\user\\AppData\\Roaming\\credbroker\\config.yaml'],
  ] as const)('on %s with %j is %s', (platform, env, path) => {
    expect(configFile({ HOME: '/home/user', ...env }, platform)).toBe(path);
  });
});

describe('the state', () => {
  it.each([
    ['linux', {}, '/home/user/.local/state/credbroker'],
    ['linux', { XDG_STATE_HOME: '/xdg' }, '/xdg/credbroker'],
    ['linux', { CREDBROKER_HOME: '/srv/cb', XDG_STATE_HOME: '/xdg' }, '/srv/cb'],
    ['darwin', {}, '/home/user/Library/Application Support/credbroker'],
  ] as const)('on %s with %j is all below %s', (platform, env, directory) => {
    expect(statePaths({ HOME: '/home/user', ...env }, platform)).toEqual({
      directory,
      socket: `${directory}/run/control.sock`,
      log: `${directory}/broker.log`,
      tokens: `${directory}/tokens`,
    });
  });

  it('has a pipe of its own for each directory on Windows', () => {
    const one = statePaths({ LOCALAPPDATA: 'C:\\Local' }, 'win32');
    const other = statePaths({ CREDBROKER_HOME: 'C:\\Other' }, 'win32');
    expect(one).toMatchObject({ directory: 'C:\\Local\\credbroker', log: 'C:\\Local\\credbroker\\broker.log' });
    expect(one.socket).toMatch(/^\\\\\.\\pipe\\credbroker-[0-9a-f]{16}$/);
    expect(other.socket).not.toBe(one.socket);
  });
});

describe('a variable that is set to nothing', () => {
  it('counts as not set', () => {
    expect(variable({ NAME: '' }, 'NAME')).toBeNull();
    expect(configFile({ HOME: '/home/user', CREDBROKER_CONFIG: '', XDG_CONFIG_HOME: '' }, 'linux')).toBe(
      '/home/user/.config/credbroker/config.yaml',
    );
  });

  it('leaves the home directory to the system, in our own environment too', () => {
    vi.stubEnv('HOME', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(homeOf({ HOME: '' }, 'linux')).toBe(userInfo().homedir);
  });
});
