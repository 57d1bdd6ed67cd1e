import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { succeeded } from '../support/container-clients.ts';
import { live } from '../support/live.ts';
import { cannotRun } from '../support/required.ts';
import { secretsIn } from '../support/secrets.ts';

/** The command lines of every process, while this one runs. */
const commandLines = "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '";

it('never shows a secret in its log, its state, its words, its answers to commands or any command line (38)', async (test) => {
  if (process.platform !== 'linux') cannotRun(test, 'there is no /proc here');
  const world = await live({ config: 'refresh: { hold: { credentialProcess: 200ms } }' });
  const { emulator } = world;
  const token = await world.grant();
  const shown: string[] = [];
  const show = async (...words: string[]) => {
    const { stdout, stderr } = await world.cli(words);
    shown.push(stdout, stderr);
  };
  await show('exec', 'dev', '--', 'sh', '-c', commandLines);
  expect(shown[0]).toContain('credbroker.cjs exec dev');
  for (const kind of ['captivePortal', 'malformedJson', 'truncated', 'badGateway'] as const) {
    const placed = emulator.faults.add('*', { kind });
    await world.ask('staging', token, 'hasty/1');
    await show('credential-process', 'staging', '--no-start');
    placed.remove();
  }
  await world.ask('prod', `${token}x`);
  await world.ask(token, token);
  writeFileSync(world.configFile, 'nonsense');
  await world.until(({ problems }) => problems.length > 0);
  emulator.people.logOutEverywhere();
  await world.ask('admin', token);
  await world.signIn();
  expect((await world.ask('prod', token)).status).toBe(200);
  const secrets = [token, ...secretsIn(emulator.journal)];
  expect(secrets.length).toBeGreaterThan(10);
  for (const words of [['status'], ['status', '--json'], ['profiles'], ['grant', 'list'], ['config', 'check']]) {
    await show(...words);
  }
  const { stdout } = succeeded(await world.cli(['credential-process', 'dev']));
  await show('logout', 'emulated');
  await world.daemon.kill('SIGTERM');
  shown.push(world.daemon.stdout, world.daemon.stderr, ...stateFiles(join(world.home, 'state')));
  // What is looked for is really what is handed out.
  expect(secrets.filter((secret) => stdout.includes(secret))).toHaveLength(2);
  expect(secrets.filter((secret) => shown.some((text) => text.includes(secret)))).toEqual([]);
});

const stateFiles = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'));
