import { describe, expect, it } from 'vitest';
import type { MatchView, SessionView } from '../../src/core/views.ts';
import { type CliWorld, cliWorld, type Setting } from '../support/cli-world.ts';
import { explanation, loginRouteOf, profile, session } from '../support/fake-daemon.ts';

interface Meant extends Partial<Setting> {
  readonly match?: MatchView;
}

const named = (...names: readonly string[]): MatchView['candidates'] =>
  names.map((name) => ({ name, path: `Cloud/Prod/${name}` }));

/** Profiles of these names, and what the daemon says that "adm" may mean. */
async function world(...names: readonly string[]): Promise<CliWorld> {
  const made = await cliWorld();
  made.daemon.status = { ...made.daemon.status, profiles: names.map((name) => profile(name)) };
  for (const name of names)
    made.daemon.answer(`GET /v1/profiles/${name}/explain`, { status: 200, body: explanation(name) });
  return made;
}

async function ask(names: readonly string[], { match, ...setting }: Meant) {
  const made = await world(...names);
  made.daemon.answer('POST /v1/matches', {
    status: 200,
    body: match ?? { exact: false, candidates: named(...names) },
  });
  const { status, stdout, stderr } = await made.cli('explain adm', { env: { NO_COLOR: '1' }, ...setting });
  return { status, stderr, shown: /^. (\S+)/.exec(stdout)?.[1] ?? null };
}

describe('a name', () => {
  it('that is a profile is looked for nowhere else', async () => {
    const { daemon, cli } = await world('adm', 'admin');
    expect((await cli('explain adm')).stdout).toContain('adm');
    expect(daemon.routes()).toEqual(['GET /v1/status', 'GET /v1/profiles/adm/explain']);
  });

  it('that is another name of one profile means it, for a script too', async () => {
    const match = { exact: true, candidates: named('admin') };
    expect(await ask(['admin'], { match })).toEqual({ status: 0, stderr: '', shown: 'admin' });
  });

  it('that is only like one is not taken by a script', async () => {
    expect(await ask(['admin'], {})).toEqual({
      status: 2,
      stderr: 'credbroker: No profile "adm". Did you mean:\n  admin  Cloud/Prod/admin\n',
      shown: null,
    });
  });

  it('that is like one is taken where a person sees it', async () => {
    const stderr = 'Taking "admin" for "adm"\n';
    expect(await ask(['admin'], { tty: true })).toEqual({ status: 0, stderr, shown: 'admin' });
  });

  it.each([false, true])('of several (exact: %s) is not taken by a script', async (exact) => {
    const match = { exact, candidates: named('admin', 'adm in') };
    expect(await ask(['admin', 'adm in'], { match })).toEqual({
      status: 2,
      stderr:
        `credbroker: ${exact ? 'Several profiles are called' : 'No profile'} "adm". Did you mean one of:\n` +
        "  admin     Cloud/Prod/admin\n  'adm in'  Cloud/Prod/adm in\n",
      shown: null,
    });
  });

  it.each([
    ['2', 'admit'],
    ['admin', 'admin'],
  ])('of several is picked by a person who types %s', async (typed, shown) => {
    const question = 'Which profile is "adm"?\n  1  admin  Cloud/Prod/admin\n  2  admit  Cloud/Prod/admit\nNumber: ';
    const answer = await ask(['admin', 'admit'], { tty: true, typed });
    expect(answer).toEqual({ status: 0, stderr: question, shown });
  });

  it.each(['0', '3', 'adm'])('of several is not guessed from %j, and asked for again', async (typed) => {
    const { status, stderr, shown } = await ask(['admin', 'admit'], { tty: true, typed });
    expect([status, shown]).toEqual([2, null]);
    expect(stderr.split('Number: ')).toHaveLength(4);
    expect(stderr.split(`"${typed}" is none of them\n`)).toHaveLength(3);
  });

  it('of several is asked for once where nothing is typed', async () => {
    const { status, stderr } = await ask(['admin', 'admit'], { tty: true, typed: '' });
    expect([status, stderr.split('Number: ').length]).toEqual([2, 2]);
  });

  it('of many is shown with ten of them', async () => {
    const many = Array.from({ length: 12 }, (_, at) => `adm${at}`);
    const { stderr } = await ask(many, {});
    expect(stderr).toMatch(/Did you mean one of 12, such as:\n/);
    expect(stderr.split('\n').filter((line) => line.startsWith('  '))).toHaveLength(10);
    expect(await ask(many, { tty: true, typed: '11' })).toMatchObject({ status: 2, shown: null });
  });

  it('that is learned only now is found', async () => {
    const made = await world();
    made.daemon.answer('POST /v1/matches', { status: 200, body: { exact: true, candidates: named('adm') } });
    made.daemon.answer('GET /v1/profiles/adm/explain', { status: 200, body: explanation('adm') });
    made.daemon.onCall = () => {
      if (made.daemon.routes().at(-1) === 'POST /v1/matches') {
        made.daemon.status = { ...made.daemon.status, profiles: [profile('adm', { implied: true })] };
      }
    };
    expect((await made.cli('explain adm')).status).toBe(0);
  });

  describe('that a tenant may have to which nobody has signed in yet', () => {
    const login = loginRouteOf('acme');
    const acme = session('acme', { provider: 'britive', state: 'login-required', expiresAt: null });

    async function newWorld(...sessions: readonly SessionView[]): Promise<CliWorld> {
      const made = await world('develop');
      const { daemon } = made;
      daemon.status = { ...daemon.status, sessions };
      daemon.answer('POST /v1/matches', { status: 200, body: { exact: false, candidates: [] } });
      daemon.answer(login, { lines: [{ event: 'done', session: 'acme', expiresAt: null }] });
      daemon.onCall = () => {
        if (daemon.routes().at(-1) !== login) return;
        daemon.status = { ...daemon.status, profiles: [profile('adm', { implied: true, session: 'acme' })] };
        daemon.answer('POST /v1/matches', { status: 200, body: { exact: true, candidates: named('adm') } });
      };
      return made;
    }

    it('is looked for there after a sign-in', async () => {
      const made = await newWorld(session('work'), acme);
      const { status, stderr } = await made.cli('env adm', { tty: true });
      expect([status, stderr.includes('expired')]).toEqual([0, false]);
      expect(made.daemon.routes().filter((one) => one === login)).toHaveLength(1);
    });

    it.each<[string, string, boolean, readonly SessionView[]]>([
      ['where nobody is there', 'env adm', false, [acme]],
      ['to look at it', 'explain adm', true, [acme]],
      ['where a profile is spelt like it', 'env develo', true, [acme]],
      ['where two tenants may have it', 'env adm', true, [acme, { ...acme, name: 'other' }]],
      ['after a sign-out', 'env adm', true, [{ ...acme, state: 'signed-out' }]],
      ['for another system', 'env adm', true, [{ ...acme, countsCheckouts: false }]],
    ])('takes no sign-in %s', async (_, words, tty, sessions) => {
      const made = await newWorld(...sessions);
      expect((await made.cli(words, { tty })).status).not.toBe(0);
      expect(made.daemon.routes()).not.toContain(login);
    });
  });

  it('that nobody knows may be one of a session that is signed out', async () => {
    const made = await world('develop');
    const acme = session('acme', { provider: 'britive', state: 'signed-out' });
    made.daemon.status = { ...made.daemon.status, sessions: [session('work'), acme] };
    const refusal = async (name: string) => (await made.cli(['explain', name])).stderr;
    expect(await refusal('other')).toBe(
      'credbroker: No profile "other", unless session "acme" has it. Run: credbroker login acme\n',
    );
    expect(await refusal('devlop')).toBe(
      'credbroker: No profile "devlop", did you mean "develop". Run: credbroker profiles\n',
    );
  });

  it.each(['exec adm -- true', 'env adm', 'checkout adm -o json', 'checkin adm'])(
    'of "%s" is found the same way',
    async (words) => {
      const made = await world('admin');
      const body = { exact: true, candidates: named('admin') };
      made.daemon.answer('POST /v1/matches', { status: 200, body });
      await made.cli(words);
      const asked = JSON.stringify(made.daemon.calls.filter(({ route }) => route !== 'POST /v1/matches'));
      expect(asked).toMatch(/profiles\/admin\/|"profiles":\["admin"\]/);
      expect(asked).not.toMatch(/profiles\/adm\/|"profiles":\["adm"\]/);
    },
  );
});
