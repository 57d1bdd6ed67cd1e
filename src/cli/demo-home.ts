/** A home directory that holds nothing of the user's, and the environment that leads to it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Emulator } from '../emulator/index.ts';
import { tenantConfig, writeBrowser } from './demo-tenant.ts';
import { proxyExceptions } from './endpoint.ts';

/** Credentials of the demo's hasty role live seconds, hence a broker that renews them seconds before. */
const config = `listen: { port: 0 }
login: manual
refresh:
  lead:
    - { upTo: 1m, min: 4s, max: 4s }
    - { min: 17m, max: 20m }
  soft: 2s
  floor: 1s
  retry: { first: 300ms, cap: 1s }
  minRenewalGap: 1s
`;

/** Writes the files and returns the whole environment of the demo's broker. */
export async function furnish(home: string, env: NodeJS.ProcessEnv, upstreams: Emulator): Promise<NodeJS.ProcessEnv> {
  const files = { awsConfig: join(home, '.aws', 'config'), config: join(home, 'config.yaml') };
  await mkdir(join(home, '.aws'), { mode: 0o700 });
  await writeFile(files.awsConfig, upstreams.awsConfig());
  await writeFile(files.config, config + tenantConfig(upstreams.britive.url));
  const browser = await writeBrowser(home);
  return {
    ...neutral(env),
    ...proxyExceptions(env),
    ...upstreams.environment,
    HOME: home,
    AWS_CONFIG_FILE: files.awsConfig,
    AWS_SHARED_CREDENTIALS_FILE: join(home, '.aws', 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    CREDBROKER_HOME: join(home, 'state'),
    CREDBROKER_CONFIG: files.config,
    CREDBROKER_KEYRING_BACKEND: 'memory',
    BROWSER: browser,
  };
}

/** Without anything that speaks to the AWS tools or to us. */
export const neutral = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(AWS|CREDBROKER)_/i.test(name)));
