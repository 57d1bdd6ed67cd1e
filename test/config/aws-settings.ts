import { type AwsConfig, parseAwsConfig } from '../../config/aws-sections.ts';
import { parseConfigYaml } from '../../config/config-yaml.ts';
import { overlay } from '../../config/overlay.ts';
import type { Settings } from '../../src/core/settings.ts';

export const awsConfig = (text: string): AwsConfig => parseAwsConfig([{ kind: 'config', file: '/config', text }]);

export interface Found {
  readonly config: AwsConfig;
  readonly env?: Readonly<Record<string, string>>;
  readonly yaml?: string;
}

/** The settings that `~/.aws/config` in `/config` and `config.yaml` in `/config.yaml` make together. */
export const settingsOf = ({
  config,
  env = {},
  yaml = '',
}: Found): Pick<Settings, 'sessions' | 'profiles' | 'diagnostics'> =>
  overlay({ env, config, tokenCache: 'shared' }, parseConfigYaml(yaml, '/config.yaml'));
