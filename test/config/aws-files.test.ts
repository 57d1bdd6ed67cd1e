import { describe, expect, it } from 'vitest';
import { awsLocations, readAwsConfig, selectedProfile, selectionWarnings } from '../../config/aws-files.ts';
import { awsConfig, awsCredentials, type Files, loading, systemError } from './memory-files.ts';
import { hasVectors, unlessMissing, vectors } from './vectors.ts';

interface LocationVector {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly platform: 'linux' | 'windows';
  readonly profile?: string;
  readonly configLocation: string;
  readonly credentialsLocation: string;
}

const { tests } = vectors<{ tests: readonly LocationVector[] }>('file-location-tests.json', { tests: [] });

describe.skipIf(!hasVectors)(`the cross-SDK location vectors${unlessMissing}`, () => {
  it('are all there', () => expect(tests.length).toBeGreaterThanOrEqual(9));

  it.each(tests)('case 1: $name', ({ environment, platform, profile, configLocation, credentialsLocation }) => {
    expect(awsLocations(environment, platform === 'windows' ? 'win32' : 'linux')).toEqual({
      config: configLocation,
      credentials: credentialsLocation,
    });
    expect(selectedProfile(environment)).toBe(profile ?? 'default');
  });
});

describe('locations', () => {
  it.each([
    ['~/aws.ini', '/home/user/aws.ini'],
    ['$TEAM/aws.ini', '/srv/team/aws.ini'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's placeholder, not ours
    ['${TEAM}/aws.ini', '/srv/team/aws.ini'],
    ['$NOBODY/aws.ini', '$NOBODY/aws.ini'],
    ['~other/aws.ini', '~other/aws.ini'],
  ])('expands %s as botocore does', (chosen, config) => {
    const env = { HOME: '/home/user', TEAM: '/srv/team', AWS_CONFIG_FILE: chosen };
    expect(awsLocations(env, 'linux')).toEqual({ config, credentials: '/home/user/.aws/credentials' });
  });
});

describe('the selected profile', () => {
  it.each([
    [{ AWS_PROFILE: 'a', AWS_DEFAULT_PROFILE: 'b' }, 'a', 1],
    [{ AWS_PROFILE: 'a', AWS_DEFAULT_PROFILE: 'a' }, 'a', 0],
    [{ AWS_DEFAULT_PROFILE: 'b' }, 'b', 0],
    [{ AWS_PROFILE: '' }, 'default', 0],
  ])('of %j is %s', (env, name, warnings) => {
    expect(selectedProfile(env)).toBe(name);
    expect(selectionWarnings(env)).toHaveLength(warnings);
  });

  it('is warned of where AWS tools take different ones', () => {
    expect(selectionWarnings({ AWS_PROFILE: 'a', AWS_DEFAULT_PROFILE: 'b' })).toEqual([
      {
        severity: 'warning',
        file: 'environment',
        line: 0,
        key: 'AWS_DEFAULT_PROFILE',
        message: 'It is "b" but AWS_PROFILE is "a", and AWS tools disagree on which one counts; unset one',
      },
    ]);
  });
});

describe('reading', () => {
  const read = async (files: Files) => {
    const { profiles, diagnostics } = await readAwsConfig(
      { config: awsConfig, credentials: awsCredentials },
      loading(files).readFile,
    );
    return {
      profiles: [...profiles.keys()],
      complaints: diagnostics.map(({ file, message }) => `${file}: ${message}`),
    };
  };

  it('takes files that are not there for empty ones', async () => {
    expect(await read({ [awsConfig]: systemError('ENOTDIR') })).toEqual({ profiles: [], complaints: [] });
  });

  it('lets the credentials file win', async () => {
    const files = {
      [awsConfig]: '[profile dev]\nregion = config\n',
      [awsCredentials]: '[dev]\nregion = credentials\n',
    };
    const locations = { config: awsConfig, credentials: awsCredentials };
    const { profiles } = await readAwsConfig(locations, loading(files).readFile);
    expect(profiles.get('dev')?.keys.get('region')?.value).toBe('credentials');
  });

  it.each([
    [systemError('EACCES'), 'The file cannot be read (EACCES); give your user permission to read it'],
    [systemError('EISDIR'), 'The file cannot be read (EISDIR); put a file in place of the directory'],
    [systemError('EIO'), 'The file cannot be read (EIO); try to open it with an editor'],
    [Uint8Array.of(0xff, 0xfe, 0x5b, 0), 'The file is not UTF-8; save it as UTF-8'],
  ])('says what is wrong with a file it cannot read and reads the other (%s)', async (content, message) => {
    expect(await read({ [awsConfig]: content, [awsCredentials]: '[dev]\n' })).toEqual({
      profiles: ['dev'],
      complaints: [`${awsConfig}: ${message}`],
    });
  });
});
