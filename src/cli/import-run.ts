/** From another tool's files to ours: find, show, ask, write. Nothing is written before everything was understood. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withEntries } from '../../config/edit-config.ts';
import { type ImportPlan, planImport } from '../../config/import-plan.ts';
import { loadSettings } from '../../config/load.ts';
import { configFile, statePaths } from '../../config/paths.ts';
import { editFile } from '../adapters/edit-file.ts';
import { BrokerError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { ExitError } from './exit.ts';
import { findImports, type Search, type Wanted } from './import-files.ts';
import { amountOf, foundLines, importJson, nextLines, planLines } from './import-text.ts';
import { shellWord } from './shell-text.ts';
import { say } from './text.ts';

export interface ImportRequest extends Wanted {
  readonly consent: 'yes' | 'no' | 'ask';
  readonly json: boolean;
}

export async function runImport(context: Context, request: ImportRequest): Promise<void> {
  const search = findImports(context, request);
  if (search.sources.length === 0) throw nothingFound(search, request);
  const plan = planImport(
    search.sources.map(({ imported }) => imported),
    await loadSettings(context),
  );
  const file = configFile(context.env, context.platform);
  for (const line of [...foundLines(search), ...planLines(plan, file)]) say(context, line);
  const written = await isWanted(context, request, plan);
  if (written) await add(context, plan, file);
  if (request.json) context.stdout.write(`${JSON.stringify(importJson({ search, plan, file, written }), null, 2)}\n`);
  if (written) {
    say(context, `Added ${amountOf(plan)} to "${file}"`);
    for (const line of nextLines(plan)) say(context, line);
  }
}

function nothingFound({ places }: Search, { tool, from }: Wanted): ExitError {
  if (from !== null) return new ExitError(1, `The file "${from}" is empty or not there. Check --from`);
  const whose = tool === null ? 'Neither bctl nor pybritive has' : `${tool} has no`;
  const what = `${whose}${tool === null ? ' a' : ''} configuration here. Name it with --from, or keep it in one of:`;
  return new ExitError(1, what, places);
}

async function isWanted(context: Context, request: ImportRequest, plan: ImportPlan): Promise<boolean> {
  const { consent } = request;
  if (plan.sessions.size + plan.profiles.size === 0) {
    say(context, 'There is nothing to add');
    return false;
  }
  if (consent === 'yes') return true;
  if (consent === 'ask' && context.interactive) {
    const answer = await context.ask(`Add ${amountOf(plan)}? [y/N] `);
    if (/^\s*y(es)?\s*$/i.test(answer)) return true;
    say(context, 'Nothing was added');
    return false;
  }
  const why = consent === 'ask' ? ', for nobody can be asked here' : '';
  say(context, `Nothing was added${why}. To add ${amountOf(plan)}, run: ${withConsent(request)}`);
  return false;
}

const withConsent = ({ tool, from }: Wanted): string =>
  [
    'credbroker import',
    ...(tool === null ? [] : [tool]),
    ...(from === null ? [] : ['--from', shellWord(from)]),
    '--yes',
  ].join(' ');

async function add(context: Context, { sessions, profiles }: ImportPlan, file: string): Promise<void> {
  const valuesOf = <T>(planned: ReadonlyMap<string, { readonly value: T }>) =>
    new Map([...planned].map(([name, { value }]) => [name, { ...value }]));
  const entries = { sessions: valuesOf(sessions), profiles: valuesOf(profiles) };
  const before = await readFile(file, 'utf8').catch(() => null);
  const after = withEntries(before, entries);
  // As the daemon will read it. What it refused would keep it from every later change too.
  await loadSettings({
    env: context.env,
    platform: context.platform,
    readFile: async (path) => (path === file ? new TextEncoder().encode(after) : readFile(path)),
  });
  const locks = join(statePaths(context.env, context.platform).directory, 'locks');
  await editFile({ path: file, locks, signal: context.signals.aborted }, (now) => {
    if (now === before) return after;
    throw new BrokerError('Failed', `"${file}" has just been changed by something else. Run this again`);
  });
}
