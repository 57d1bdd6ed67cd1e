import type { LoadOptions } from '../../config/load.ts';

/** Files by path; an error in place of a text is what reading it rejects with. */
export type Files = Readonly<Record<string, string | Uint8Array | Error>>;

const home = '/home/user';
export const configYaml = `${home}/.config/credbroker/config.yaml`;
export const awsConfig = `${home}/.aws/config`;
export const awsCredentials = `${home}/.aws/credentials`;

export const systemError = (code: string): Error => Object.assign(new Error(code), { code });

/** Load options that see these files and nothing else. */
export const loading = (files: Files, env: Readonly<Record<string, string>> = {}): LoadOptions => ({
  env: { HOME: home, ...env },
  platform: 'linux',
  readFile: async (path) => {
    const found = files[path] ?? systemError('ENOENT');
    if (found instanceof Error) throw found;
    return typeof found === 'string' ? new TextEncoder().encode(found) : found;
  },
});
