import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../src/emulator/index.ts';
import { clis, homeFor } from './support/real-clients.ts';
import { cannotRun, requireTools } from './support/required.ts';
import { tempDir } from './support/temp-dir.ts';

const readme = readFileSync('README.md', 'utf8');
const blocks = (language: string): readonly string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n([^\`]+)\`\`\``, 'g'))].map(([, text = '']) => text.trim());

const [demo, check, use, ...snippets] = blocks('sh');
const run = promisify(execFile);

/** What is checked out, as a newcomer gets it: the tracked files and nothing that was built. */
async function cloneInto(directory: string): Promise<void> {
  await run('sh', [
    '-c',
    'git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$0"',
    directory,
  ]);
}

/** Stands for Docker's engine: the program of the image on the host's network, with the variables `-e` names and no others. */
const dockerStandIn = (aws: string, emulated: Readonly<Record<string, string>>): string => `#!/bin/bash
[ "$1 $2 $3 $4" = "run --rm --network host" ] || { echo "docker: unexpected: $*" >&2; exit 125; }
shift 4
kept=(PATH="$PATH" ${Object.entries(emulated)
  .map(([name, value]) => `${name}='${value}'`)
  .join(' ')})
while [ "$1" = -e ]; do kept+=("$2=\${!2}"); shift 2; done
[ "$1" = amazon/aws-cli ] || { echo "docker: unexpected image $1" >&2; exit 125; }
shift
exec env -i "\${kept[@]}" ${aws} "$@"
`;

const browserStandIn = '#!/bin/sh\nexec curl --silent --show-error --location --output /dev/null "$1"\n';

function program(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

describe('the README', () => {
  it('begins with two commands that do all the set-up', () => {
    expect([demo, check]).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
    // The second one runs this test; the script for CI runs it on a clean checkout.
    expect(readFileSync('.ci/run', 'utf8')).toContain(`'${check}'`);
  });

  it('is true from the first command to the last', async (test) => {
    requireTools(test, ['git', 'tar', 'bash', 'curl']);
    // The second generation, as in Docker's image: the first knows no AWS_REGION.
    const aws =
      clis.find(({ version }) => version.startsWith('2.')) ?? cannotRun(test, 'the AWS CLI 2 is not installed');
    const emulator = await startEmulator({ port: 0, now: Date.now, knobs: { autoApprove: true } });
    test.onTestFinished(() => emulator.close());
    const [checkout, home] = [tempDir(), tempDir()];
    const bin = join(home, 'bin');
    mkdirSync(bin);
    symlinkSync(aws.command, join(bin, 'aws'));
    const { env: clientEnv } = homeFor(aws, emulator, home);
    const { AWS_REGION: _r, HOME: _h, PATH: _p, AWS_CONFIG_FILE, ...emulated } = clientEnv;
    // One session, as most people have; with several, `login` asks which.
    writeFileSync(String(AWS_CONFIG_FILE), emulator.awsConfig().split('[profile legacy]')[0] ?? '');
    program(join(bin, 'docker'), dockerStandIn(aws.command, emulated));
    program(join(bin, 'open-page'), browserStandIn);
    await cloneInto(checkout);
    const env = {
      ...npmEnvironment(home),
      ...{ PATH: `${bin}:${process.env['PATH']}`, AWS_CONFIG_FILE, ...emulated, BROWSER: join(bin, 'open-page') },
      ...{ CREDBROKER_PORT: String(await freePort()), CREDBROKER_KEYRING_BACKEND: 'file' },
    };
    const shell = (script: string) => shellIn(checkout, env, script);

    expect(await shell(demo ?? '')).toContain('Upstream down, then back');
    test.onTestFinished(async () => void (await shell('credbroker stop || true')));
    expect(await shell(use ?? '')).toMatch(/✓ emulated +signed in/);
    const identity = /"Arn": "arn:aws:sts::111122223333:assumed-role\/AWSReservedSSO_DeveloperAccess/;
    const [inShell, one, file, tenant, container, curl] = snippets;
    expect(await shell(inShell ?? '')).toMatch(identity);
    expect(await shell(one ?? '')).toMatch(identity);
    expect(await shell(file ?? '')).toMatch(identity);
    // Written and cleared again.
    expect(readFileSync(join(home, '.aws', 'credentials'), 'utf8')).toBe('');
    const [session = ''] = blocks('yaml');
    mkdirSync(join(home, '.config', 'credbroker'), { recursive: true });
    const onEmulator = session.replace('tenant: acme', `baseUrl: "${emulator.britive.url}"`);
    writeFileSync(join(home, '.config', 'credbroker', 'config.yaml'), onEmulator);
    await shell('credbroker restart');
    expect(await shell(tenant ?? '')).toMatch(/"Account": "111122223333"/);
    expect(await shell(container ?? '')).toMatch(identity);
    expect(JSON.parse(await shell(curl ?? ''))).toMatchObject({ Code: 'Success', AccountId: '111122223333' });
    expect(snippets).toHaveLength(6);

    const [profile = ''] = blocks('ini');
    writeFileSync(String(AWS_CONFIG_FILE), `\n${profile}\nregion = eu-central-1\n`, { flag: 'a' });
    expect(await shell('aws sts get-caller-identity --profile dev-via-broker')).toMatch(identity);
  }, 300_000);
});

/** A home of its own, but the user's way to the npm registry. */
function npmEnvironment(home: string): NodeJS.ProcessEnv {
  const ours = Object.entries(process.env).filter(
    ([name]) => !/^(AWS|CREDBROKER)_|^npm_(package|lifecycle)/i.test(name),
  );
  const { HOME = '' } = process.env;
  return {
    ...Object.fromEntries(ours),
    ...{ HOME: home, npm_config_userconfig: join(HOME, '.npmrc'), npm_config_cache: join(HOME, '.npm') },
    npm_config_prefix: home,
  };
}

async function shellIn(cwd: string, env: NodeJS.ProcessEnv, script: string): Promise<string> {
  const child: ChildProcess = spawn('bash', ['-euc', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let all = '';
  child.stdout?.on('data', (data) => {
    out += data;
    all += data;
  });
  child.stderr?.on('data', (data) => {
    all += data;
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(`status ${status}: ${script}\n${all}`);
  return script === demo ? all : out;
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
