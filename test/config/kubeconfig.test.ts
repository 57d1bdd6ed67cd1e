import { describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { currentContext, type KubeContext, withContexts } from '../../config/kubeconfig.ts';
import { kubeconfigFiles } from '../../config/kubeconfig-files.ts';

const arn = 'arn:aws:eks:eu-central-1:111122223333:cluster/blue';

const blue = (changes: Partial<KubeContext> = {}): KubeContext => ({
  name: arn,
  cluster: arn,
  server: 'https://blue.example',
  certificateAuthority: 'LS0tCg==',
  command: ['/usr/bin/credbroker', 'eks', 'token', 'dev', 'blue'],
  ...changes,
});

const fresh = `apiVersion: v1
kind: Config
clusters:
- name: ${arn}
  cluster:
    server: https://blue.example
    certificate-authority-data: LS0tCg==
contexts:
- name: ${arn}
  context:
    cluster: ${arn}
    user: ${arn}
users:
- name: ${arn}
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: /usr/bin/credbroker
      args:
      - eks
      - token
      - dev
      - blue
      interactiveMode: IfAvailable
      provideClusterInfo: false
current-context: ${arn}
`;

/** A person's, with all that a program likes to tidy away. */
const grown = `# kept by hand
---
apiVersion: v1   # of kubectl
kind: Config
preferences: {colors: true}
clusters:
  # the old one
  - cluster:
      server: "https://old.example"   # behind the VPN
      insecure-skip-tls-verify: true
    name: old

  - name: 'yes'
    cluster: &shared
      server: https://yes.example
      extensions: [{name: x, extension: {port: 0x1F, id: 12345678901234567890, since: 2020-01-01, mode: 0o7}}]
  - name: twin
    cluster: *shared
contexts:
  - context:
      cluster: old
      namespace: kube-system
      user: me
    name: old
current-context: old # do not touch
users:
  - name: me
    user:
      token: |-
        # no comment
        multi line
# the end
`;

describe('a kubeconfig', () => {
  it.each([
    ['none', null],
    ['an empty one', ''],
    ['one of white space', '\n  \n'],
  ])('is made where there is %s', (_what, before) => {
    expect(withContexts(before, [blue()], arn)).toBe(fresh);
  });

  it('of comments alone keeps them', () => {
    expect(withContexts('# mine\n', [blue()], arn)).toBe(`# mine\n\n${fresh}`);
  });

  it('as kubectl writes it when it is empty gets the entries in their places', () => {
    const empty = 'apiVersion: v1\nclusters: null\ncontexts: []\ncurrent-context: ""\nkind: Config\nusers:\n';
    const after = withContexts(empty, [blue()], arn);
    expect(parse(after)).toEqual(parse(fresh));
    expect(after).toMatch(/^apiVersion: v1\nclusters:\n- name: arn/);
  });

  it('keeps its comments, its order, its other entries and how they are written', () => {
    const after = withContexts(grown, [blue()], null);
    const added = new Set(after.split('\n'));
    // Space before a comment and inside braces is the only thing that may differ.
    const lines = grown.split('\n').map((line) => line.replace(/(?<=\S) +#/, ' #'));
    const braced = (line: string): string =>
      line.replaceAll(/([{[])(?=\S)/g, '$1 ').replaceAll(/(?<=\S)([}\]])/g, ' $1');
    expect(lines.filter((line) => !added.has(line) && !added.has(braced(line)))).toEqual([]);
    expect(after).toContain('  - name: twin\n    cluster: *shared\n  - name: arn:aws');
    expect(after).toContain('current-context: old # do not touch\n');
  });

  it('keeps every value of it to the character', () => {
    const texts = (text: string) => parseDocument(text, { schema: 'failsafe' }).toJS();
    const [before, after] = [texts(grown), texts(withContexts(grown, [blue()], arn))];
    expect(after.clusters.slice(0, 3)).toEqual(before.clusters);
    expect(after.users[0]).toEqual(before.users[0]);
    expect(after.preferences).toEqual(before.preferences);
    expect(after['current-context']).toBe(arn);
  });

  it('changes nothing when the same is added again', () => {
    const once = withContexts(grown, [blue()], arn);
    expect(withContexts(once, [blue()], arn)).toBe(once);
  });

  it('has what leads to the cluster renewed, and keeps the namespace and the proxy that somebody added', () => {
    const edited = fresh
      .replace(
        '    server: https://blue.example',
        '    server: https://moved.example # was here\n    proxy-url: http://proxy',
      )
      .replace(
        'certificate-authority-data: LS0tCg==',
        'certificate-authority: /old.pem\n    insecure-skip-tls-verify: true',
      )
      .replace(`    user: ${arn}`, `    user: somebody\n    namespace: apps # mine`)
      .replace(/ {2}user:\n {4}exec:[\s\S]*?false\n/, '  user:\n    token: old\n');
    const after = withContexts(edited, [blue()], null);
    expect(parse(after)).toMatchObject({
      clusters: [
        {
          cluster: {
            server: 'https://blue.example',
            'proxy-url': 'http://proxy',
            'certificate-authority-data': 'LS0tCg==',
          },
        },
      ],
      contexts: [{ context: { cluster: arn, user: arn, namespace: 'apps' } }],
      users: [{ name: arn, user: { exec: { command: '/usr/bin/credbroker' } } }],
    });
    expect(after).toContain('server: https://blue.example # was here');
    expect(after).toContain('namespace: apps # mine');
    expect(after).not.toMatch(/insecure|old/);
  });

  it.each([
    '123',
    '1e3',
    'yes',
    'NULL',
    '0x1F',
    '1_000',
    '12:30',
    'a: b',
    '# no',
    '',
    '~',
    "it's",
    'tab\there',
    '-',
    '*x',
  ])('names a profile "%s" in a way that every reader takes for a text', (name) => {
    const command = ['/usr/bin/credbroker', 'eks', 'token', name, 'blue'] as const;
    const after = withContexts(null, [blue({ command })], null);
    for (const version of ['1.1', '1.2'] as const) {
      expect(parse(after, { version }).users[0].user.exec.args).toEqual(['eks', 'token', name, 'blue']);
      expect(parse(after, { version }).users[0].user.exec.provideClusterInfo).toBe(false);
    }
  });

  it('stays JSON where it is JSON', () => {
    const before = '{"apiVersion":"v1","kind":"Config","clusters":[],"users":[{"name":"u","user":{"token":"1"}}]}';
    const after = JSON.parse(withContexts(before, [blue()], arn));
    expect(after).toMatchObject({ ...parse(fresh), users: [{ name: 'u' }, { name: arn }] });
  });

  it('keeps the line ends and the mark of a Windows editor', () => {
    const after = withContexts(`\uFEFF${grown.replaceAll('\n', '\r\n')}`, [blue()], null);
    expect(after.startsWith('\uFEFF#')).toBe(true);
    expect(after.replaceAll('\r\n', '')).not.toContain('\n');
    expect(after.slice(1).replaceAll('\r\n', '\n')).toBe(withContexts(grown, [blue()], null));
  });

  it('leaves out the certificate authority of a cluster that the system trusts', () => {
    const after = parse(withContexts(null, [blue({ certificateAuthority: null })], null));
    expect(after.clusters[0].cluster).toEqual({ server: 'https://blue.example' });
  });

  it.each([
    ['a broken one', 'kind: Config\nclusters: [\n', 'is not valid YAML in line 3. Mend it, and run this again'],
    ['tabs', 'clusters:\n\t- name: x\n', 'is not valid YAML'],
    ['a key that stands twice', 'kind: Config\nkind: Config\n', 'is not valid YAML'],
    ['two documents', 'kind: Config\n---\nkind: Config\n', 'is not valid YAML'],
    ['a list', '- clusters\n', 'it is no mapping'],
    ['a text', 'hello\n', 'it is no mapping'],
    ['a mapping in place of a list', 'users: {name: x}\n', '"users" is no list'],
    ['an alias in place of a list', 'x: &x []\nusers: *x\n', '"users" is no list'],
    ['an entry that stands twice', `users:\n- name: ${arn}\n- name: ${arn}\n`, 'names an entry twice'],
    [
      'an entry that stands for another one, too',
      `contexts:\n- name: ${arn}\n  context: &c {cluster: x, user: y}\n- name: other\n  context: *c\n`,
      'cannot be edited safely: other entries would change',
    ],
    [
      'an anchor in the part that is replaced',
      `users:\n- name: ${arn}\n  user: &u {token: x}\n- name: other\n  user: *u\n`,
      'cannot be edited safely: an alias would lead nowhere',
    ],
  ])('is refused and stays as it is when it holds %s', (_what, before, message) => {
    expect(() => withContexts(before, [blue()], arn)).toThrow(message);
  });
});

describe('the current context', () => {
  it.each([
    [grown, 'old'],
    ['current-context: ""\n', null],
    ['current-context: null\n', null],
    ['kind: Config\n', null],
    ['', null],
    ['clusters: [\n', null],
    ['- x\n', null],
  ])('of %j is %s', (text, name) => {
    expect(currentContext(text)).toBe(name);
  });
});

describe('the files of kubectl', () => {
  it.each([
    [{ HOME: '/home/me' }, 'linux', ['/home/me/.kube/config']],
    [{ HOME: '/home/me', KUBECONFIG: '' }, 'linux', ['/home/me/.kube/config']],
    [{ HOME: '/home/me', KUBECONFIG: '/a:/b' }, 'linux', ['/a', '/b']],
    [{ HOME: '/home/me', KUBECONFIG: '::/b:' }, 'linux', ['/b']],
    [{ HOME: 'C:\\me', KUBECONFIG: 'C:\\a;D:\\b' }, 'win32', ['C:\\a', 'D:\\b']],
  ] as const)('with %j on %s are %j', (env, platform, files) => {
    expect(kubeconfigFiles(env, platform)).toEqual(files);
  });
});
