import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cliWorld } from '../support/cli-world.ts';
import { profile, session, sessionRouteOf } from '../support/fake-daemon.ts';
import { kubectl, kubectlNote, kubectlVersion } from '../support/kubectl.ts';

const arnOf = (name: string): string => `arn:aws:eks:eu-west-1:111122223333:cluster/${name}`;

const list = 'POST /v1/profiles/dev/clusters';

/** A daemon whose profile `dev` sees these clusters. */
async function world(names: readonly string[] = ['blue', 'green']) {
  const cli = await cliWorld();
  cli.daemon.answer(list, { status: 200, body: { region: 'eu-west-1', names } });
  for (const name of names) {
    const view = { name, arn: arnOf(name), server: `https://${name}.example`, certificateAuthority: 'Q0E=' };
    cli.daemon.answer(`${list}/${name}`, { status: 200, body: view });
  }
  const file = join(cli.home, '.kube', 'config');
  return { ...cli, file, config: () => parse(readFileSync(file, 'utf8')) };
}

const namesIn = (entries: readonly { readonly name: string }[]): readonly string[] => entries.map(({ name }) => name);

describe('eks connect', () => {
  it('writes every cluster of the profile to the kubeconfig', async () => {
    const { cli, config, file, daemon } = await world();
    expect(await cli('eks connect dev')).toEqual({
      status: 0,
      stdout: '',
      stderr: [
        `Current context "${arnOf('blue')}" is in "${file}"\n`,
        `Context "${arnOf('green')}" is in "${file}"\n`,
      ].join(''),
    });
    const { clusters, contexts, users, 'current-context': current } = config();
    expect(namesIn(clusters)).toEqual([arnOf('blue'), arnOf('green')]);
    expect(contexts[1]).toEqual({ name: arnOf('green'), context: { cluster: arnOf('green'), user: arnOf('green') } });
    expect(users[1].user.exec).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['no-such-entry.cjs', 'eks', 'token', 'dev', 'green'],
      interactiveMode: 'IfAvailable',
      provideClusterInfo: false,
    });
    expect(current).toBe(arnOf('blue'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(daemon.calls.map(({ body }) => body).filter((body) => body !== null)).toEqual(
      Array(3).fill({ region: 'eu-west-1' }),
    );
  });

  it('asks for the named clusters alone, in the named region, and has the plugin ask there', async () => {
    const { cli, config, daemon } = await world();
    await cli('eks connect dev --cluster green --region us-east-1 --alias ops');
    expect(daemon.routes().filter((route) => route.startsWith('POST'))).toEqual([`${list}/green`]);
    expect(daemon.calls.at(-1)?.body).toEqual({ region: 'us-east-1' });
    const { contexts, users, clusters } = config();
    expect(contexts).toEqual([{ name: 'ops', context: { cluster: arnOf('green'), user: 'ops' } }]);
    expect(namesIn(clusters)).toEqual([arnOf('green')]);
    expect(users[0].user.exec.args.slice(1)).toEqual(['eks', 'token', 'dev', 'green', '--region', 'us-east-1']);
  });

  it('has the plugin run the launcher on the PATH where that is what runs now', async () => {
    const { cli, config, home } = await world(['blue']);
    const bin = join(home, 'bin');
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, 'credbroker'));
    const [other, own] = [{ PATH: bin }, { PATH: `relative:${bin}` }];
    await cli('eks connect dev', { env: other });
    expect(config().users[0].user.exec.command).toBe(process.execPath);
    await cli('eks connect dev', { env: own, self: [process.execPath] });
    expect(config().users[0].user.exec).toMatchObject({
      command: join(bin, 'credbroker'),
      args: expect.not.arrayContaining(['no-such-entry.cjs']),
    });
  });

  it.each([
    ['leaves the current context alone where there is one and several are added', ['blue', 'green'], 'mine'],
    ['takes the only one for the current context', ['blue'], arnOf('blue')],
  ])('%s', async (_what, names, current) => {
    const { cli, config, file, home } = await world(names);
    mkdirSync(join(home, '.kube'));
    writeFileSync(file, 'current-context: mine # here\ncontexts: []\n');
    await cli('eks connect dev');
    expect(config()['current-context']).toBe(current);
    expect(readFileSync(file, 'utf8')).toContain('# here\n');
  });

  it('writes to the first file of KUBECONFIG, and knows the current context of the others', async () => {
    const { cli, home } = await world();
    const [first, second] = [join(home, 'a', 'one'), join(home, 'two')];
    writeFileSync(second, 'current-context: mine\n');
    const before = readFileSync(second, 'utf8');
    const { status } = await cli('eks connect dev', {
      env: { KUBECONFIG: `${first}:${second}:${join(home, 'none')}` },
    });
    expect(status).toBe(0);
    expect(parse(readFileSync(first, 'utf8'))).not.toHaveProperty('current-context');
    expect(readFileSync(second, 'utf8')).toBe(before);
    expect(existsSync(join(home, '.kube'))).toBe(false);
  });

  it('goes on past a cluster that fails, says so and does not claim success', async () => {
    const { cli, config, daemon } = await world(['blue', 'green', 'red']);
    const body = {
      code: 'AccessDenied',
      message: 'EKS in eu-west-1 denied access: the role needs eks:DescribeCluster',
    };
    daemon.answer(`${list}/blue`, { status: 403, body });
    const { status, stderr } = await cli('eks connect dev');
    expect(status).toBe(1);
    expect(stderr).toContain(`Cluster "blue": ${body.message}\n`);
    expect(stderr).toMatch(/credbroker: 1 of 3 clusters could not be connected\n$/);
    expect(namesIn(config().clusters)).toEqual([arnOf('green'), arnOf('red')]);
  });

  it('ends with what is wrong with the only cluster, and makes no file for it', async () => {
    const { cli, daemon, file } = await world();
    const body = { code: 'NotFound', message: 'There is no cluster "nope" in eu-west-1' };
    daemon.answer(`${list}/nope`, { status: 404, body });
    expect(await cli('eks connect dev --cluster nope')).toEqual({
      status: 2,
      stdout: '',
      stderr: `credbroker: ${body.message}\n`,
    });
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    [
      'no clusters',
      'eks connect dev',
      [],
      1,
      'Profile "dev" sees no clusters in eu-west-1. Name a region with --region',
    ],
    [
      'one alias for two',
      'eks connect dev --cluster a --cluster b --alias x',
      [],
      2,
      '--alias names one context, for 2 clusters. Add one --cluster',
    ],
    [
      'one alias for all',
      'eks connect dev --alias x',
      ['a', 'b'],
      2,
      '--alias names one context, for 2 clusters. Add one --cluster',
    ],
  ])('refuses %s', async (_what, words, names, status, message) => {
    const { cli, file } = await world(names);
    expect(await cli(words)).toEqual({ status, stdout: '', stderr: `credbroker: ${message}\n` });
    expect(existsSync(file)).toBe(false);
  });

  it("looks in the region that a tenant's checkout names where neither the flag nor the profile does", async () => {
    const { cli, config, daemon } = await world(['blue']);
    daemon.status = {
      ...daemon.status,
      profiles: [profile('dev', { region: null, path: 'Cloud/Development/Developer' })],
    };
    const done = { event: 'done', transaction: 't', expiresAt: null, document: { kind: 'aws', region: 'us-west-2' } };
    daemon.answer('POST /v1/profiles/dev/issue', { lines: [done] });
    await cli('eks connect dev');
    expect(daemon.calls.at(-1)?.body).toEqual({ region: 'us-west-2' });
    expect(config().users[0].user.exec.args.slice(-2)).toEqual(['--region', 'us-west-2']);
  });

  it('asks no checkout for a region that it need not know', async () => {
    const { cli, daemon } = await world(['blue']);
    daemon.status = { ...daemon.status, profiles: [profile('dev', { region: null })] };
    await cli('eks connect dev');
    daemon.status = {
      ...daemon.status,
      profiles: [profile('dev', { region: null, kind: 'kubernetes', path: 'A/B/C' })],
    };
    await cli('eks connect dev');
    expect(daemon.routes().filter((route) => route.endsWith('/issue'))).toEqual([]);
  });

  it("calls the context of a tenant's cluster, which has no ARN, by its profile", async () => {
    const { cli, config, daemon } = await world(['Cluster']);
    const view = { name: 'Cluster', arn: null, server: 'https://k8s.example', certificateAuthority: null };
    daemon.answer(`${list}/Cluster`, { status: 200, body: view });
    await cli('eks connect dev');
    expect(config()).toMatchObject({
      clusters: [{ name: 'dev', cluster: { server: 'https://k8s.example' } }],
      contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
      'current-context': 'dev',
    });
  });

  it.each(['azure', 'gcp', 'other'] as const)('refuses a profile of %s before any sign-in', async (kind) => {
    const { cli, daemon } = await world();
    daemon.status = {
      ...daemon.status,
      sessions: [session('work', { state: 'login-required' })],
      profiles: [profile('dev', { kind })],
    };
    expect(await cli('eks connect dev', { tty: true })).toMatchObject({
      status: 2,
      stderr: 'credbroker: Profile "dev" has no clusters. Name one of AWS or Kubernetes\n',
    });
    expect(daemon.routes().filter((route) => route.startsWith('POST'))).toEqual([]);
  });

  it('offers the sign-in that is needed to somebody at the terminal, and asks again', async () => {
    const { cli, daemon, config } = await world(['blue']);
    daemon.status = { ...daemon.status, sessions: [session('work', { state: 'login-required' })] };
    const found = { status: 200, body: { region: 'eu-west-1', names: ['blue'] } };
    daemon.answer(list, { status: 403, body: { code: 'LoginRequired', message: 'Run: credbroker login work' } });
    daemon.answer(sessionRouteOf('work', 'login'), {
      lines: [{ event: 'done', session: 'work', expiresAt: '2026-11-21T20:00:00Z' }],
    });
    daemon.onCall = () => {
      if (daemon.routes().at(-1)?.endsWith('/login')) daemon.answer(list, found);
    };
    const { status, stderr } = await cli('eks connect dev', { tty: true });
    expect([status, stderr]).toEqual([0, expect.stringContaining('Signed in to "work"')]);
    expect(namesIn(config().clusters)).toEqual([arnOf('blue')]);
  });

  it('ends with Ctrl-C, and says nothing of the clusters it did not come to', async () => {
    const { cli, daemon, file } = await world();
    const signals = new EventEmitter();
    daemon.answer(`${list}/blue`, { status: 200, body: {}, after: new Promise(() => {}) });
    daemon.onCall = () => {
      if (daemon.routes().at(-1) === `${list}/blue`) signals.emit('SIGINT', 'SIGINT');
    };
    expect(await cli('eks connect dev', { signals })).toEqual({ status: 130, stdout: '', stderr: '' });
    expect(existsSync(file)).toBe(false);
  });

  it('leaves a broken kubeconfig as it is', async () => {
    const { cli, file, home } = await world();
    mkdirSync(join(home, '.kube'));
    writeFileSync(file, 'clusters: [\n');
    const { status, stderr } = await cli('eks connect dev');
    expect([status, stderr]).toEqual([
      1,
      'credbroker: The kubeconfig is not valid YAML in line 2. Mend it, and run this again\n',
    ]);
    expect(readFileSync(file, 'utf8')).toBe('clusters: [\n');
  });

  it('waits for kubectl, which locks the file while it edits it, and leaves its lock alone', async () => {
    const { cli, file, home } = await world(['blue']);
    mkdirSync(join(home, '.kube'));
    writeFileSync(`${file}.lock`, '');
    const { status, stderr } = await cli('eks connect dev');
    expect([status, stderr]).toEqual([
      1,
      `credbroker: "${file}.lock" says that kubectl edits the kubeconfig. If none does, remove it\n`,
    ]);
    expect([existsSync(file), existsSync(`${file}.lock`)]).toEqual([false, true]);
  });

  it('leaves no lock behind', async () => {
    const { cli, file, home } = await world(['blue']);
    mkdirSync(join(home, '.kube'));
    await cli('eks connect dev');
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  it('loses nothing where several write at once', async () => {
    const { cli, config } = await world(['a', 'b', 'c', 'd']);
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => cli(`eks connect dev --cluster ${name}`)));
    expect(namesIn(config().clusters).toSorted()).toEqual(['a', 'b', 'c', 'd'].map(arnOf));
  });
});

const credential = {
  kind: 'ExecCredential',
  apiVersion: 'client.authentication.k8s.io/v1',
  status: { token: 'k8s-aws-v1.abc', expirationTimestamp: '2026-11-21T12:14:00Z' },
};

const execInfo = (apiVersion: unknown): string => JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: {} });

const tokenRoute = `${list}/blue/token`;

const asked = async (env: NodeJS.ProcessEnv = {}, words = 'eks token dev blue') => {
  const { cli, daemon } = await world();
  daemon.answer(tokenRoute, { status: 200, body: credential });
  return { ...(await cli(words, { env })), daemon };
};

describe('eks token', () => {
  it.each([
    ['without being asked for a version', {}, 'v1'],
    ['as v1', { KUBERNETES_EXEC_INFO: execInfo('client.authentication.k8s.io/v1') }, 'v1'],
    ['as v1beta1', { KUBERNETES_EXEC_INFO: execInfo('client.authentication.k8s.io/v1beta1') }, 'v1beta1'],
  ])('prints an ExecCredential and nothing else, %s', async (_how, env, version) => {
    const { status, stdout, stderr } = await asked(env);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      `${JSON.stringify({ ...credential, apiVersion: `client.authentication.k8s.io/${version}` })}\n`,
    );
  });

  it.each([
    [execInfo('client.authentication.k8s.io/v1alpha1'), 'asks for "client.authentication.k8s.io/v1alpha1"'],
    [execInfo('client.authentication.k8s.io/v2'), 'asks for "client.authentication.k8s.io/v2"'],
    [execInfo(7), 'cannot be read'],
    ['{', 'cannot be read'],
    ['null', 'cannot be read'],
  ])('refuses %s before it asks anybody', async (text, reason) => {
    const { status, stdout, stderr, daemon } = await asked({ KUBERNETES_EXEC_INFO: text });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: `credbroker: KUBERNETES_EXEC_INFO ${reason}. Set apiVersion to client.authentication.k8s.io/v1 in the kubeconfig\n`,
    });
    expect(daemon.calls).toEqual([]);
  });

  it('asks in the region that was written beside it', async () => {
    const { daemon } = await asked({}, 'eks token dev blue --region us-east-1');
    expect(daemon.calls.at(-1)).toEqual({ route: tokenRoute, body: { region: 'us-east-1' } });
  });

  it('leaves stdout empty when there is none', async () => {
    const { cli, daemon } = await world();
    const body = { code: 'LoginRequired', message: 'Session "work" has expired. Run: credbroker login work' };
    daemon.answer(tokenRoute, { status: 403, body });
    expect(await cli('eks token dev blue')).toEqual({
      status: 3,
      stdout: '',
      stderr: `credbroker: ${body.message}\n`,
    });
  });
});

describe(`kubectl${kubectlNote}`, () => {
  const run = async (home: string, ...words: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await kubectl({ HOME: home, PATH: process.env['PATH'] }, 'config', ...words);
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  };

  it.skipIf(kubectlVersion === null)('reads what was written, and adds to it', async () => {
    const { cli, home, config } = await world();
    await cli('eks connect dev');
    expect(await run(home, 'current-context')).toBe(`${arnOf('blue')}\n`);
    expect(await run(home, 'get-clusters')).toContain(arnOf('green'));
    await run(home, 'set-context', arnOf('blue'), '--namespace', 'apps');
    await cli('eks connect dev');
    expect(config().contexts[0]).toMatchObject({ context: { cluster: arnOf('blue'), namespace: 'apps' } });
  });

  it.skipIf(kubectlVersion === null)('reads it beside JSON and beside what people write', async () => {
    const { cli, home, file } = await world();
    mkdirSync(join(home, '.kube'));
    writeFileSync(
      file,
      '{"apiVersion": "v1", "kind": "Config", "contexts": [{"name": "x", "context": {"cluster": "c"}}]}',
    );
    await cli('eks connect dev');
    expect((await run(home, 'get-contexts', '-o', 'name')).split('\n').toSorted()).toEqual(
      ['', arnOf('blue'), arnOf('green'), 'x'].toSorted(),
    );
  });
});
