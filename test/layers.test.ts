import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Who may import whom. A folder ends with a slash; `types:` allows type imports alone. The first layer whose path fits a
 * file rules it; every layer may import itself. `node:*` is any module of Node.
 */
const layers: readonly (readonly [layer: string, allowed: readonly string[]])[] = [
  ['src/core/', ['lru-cache']],
  ['src/providers/', ['src/core/', 'jose', 'oauth4webapi', 'aws4fetch', 'fast-xml-parser']],
  [
    'src/adapters/',
    ['src/core/', 'node:*', 'undici', 'pino', 'jose', 'open', '@napi-rs/keyring', 'types:src/providers/'],
  ],
  ['config/', ['src/core/', 'ajv', 'yaml', 'json-schema-to-ts', 'node:*']],
  ['routes/', ['src/core/', 'fastify', '@fastify/rate-limit', 'node:crypto']],
  [
    'src/cli/',
    [
      'src/client.ts',
      'src/control-wire.ts',
      'src/emulator/',
      'src/adapters/atomic-file.ts',
      'src/adapters/browser.ts',
      'src/adapters/edit-file.ts',
      'src/core/errors.ts',
      'types:src/core/',
      'config/',
      'package.json',
      'commander',
      'node:*',
    ],
  ],
  ['src/client.ts', ['src/control-wire.ts', 'src/core/errors.ts', 'types:src/core/']],
  ['src/control-wire.ts', ['src/core/errors.ts', 'node:*']],
  ['src/emulator/', ['types:src/core/types.ts', 'jose', 'fastify', 'node:*']],
  ['src/app.ts', ['']],
  ['src/compose.ts', ['']],
  ['src/world.ts', ['']],
  ['src/daemon.ts', ['']],
  ['src/bin.ts', ['']],
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const statement = /(?:import|export)\s+(type\s)?(?:[^'"()]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g;

function importsOf(file: string, text: string): readonly Import[] {
  return [...text.matchAll(statement)].map(([, type, named, lazy]) => {
    const to = named ?? lazy ?? '';
    const target = to.startsWith('.') ? relative('.', join(dirname(file), to)) : to;
    return { from: file, to: target, typeOnly: type !== undefined };
  });
}

function allowed({ from, to, typeOnly }: Import): boolean {
  const layer = layers.find(([path]) => from.startsWith(path));
  if (!layer) return false;
  const [own, rules] = layer;
  return [own, ...rules].some((rule) => {
    const path = rule.startsWith('types:') ? rule.slice('types:'.length) : rule;
    if (path !== rule && !typeOnly) return false;
    if (path === 'node:*') return to.startsWith('node:');
    return path === '' || path.endsWith('/') ? to.startsWith(path) : to === path;
  });
}

const sources = ['src', 'config', 'routes'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
);

describe('layers', () => {
  it('are kept by every import', () => {
    const wrong = sources
      .flatMap((file) => importsOf(file, readFileSync(file, 'utf8')))
      .filter((one) => !allowed(one))
      .map(({ from, to }) => `${from} imports ${to}`);
    expect(wrong).toEqual([]);
  });

  it.each([
    ['src/core/broker.ts', "import { readFile } from 'node:fs';"],
    ['src/core/broker.ts', "import { request } from '../adapters/http.ts';"],
    ['src/providers/aws-sso/portal.ts', "import http from 'node:http';"],
    ['routes/guard.ts', "import { openLog } from '../src/adapters/log.ts';"],
    ['src/cli/login.ts', "import { Broker } from '../core/broker.ts';"],
    ['src/cli/login.ts', "import { openLog } from '../adapters/log.ts';"],
    ['src/cli/login.ts', "const { serve } = await import('../daemon.ts');"],
    ['src/emulator/oidc.ts', "import { epoch } from '../core/types.ts';"],
  ])('notice what %s may not import', (file, text) => {
    expect(importsOf(file, text).filter((one) => !allowed(one))).toHaveLength(1);
  });

  it('keep every source file under 200 lines', () => {
    const long = sources.filter((file) => readFileSync(file, 'utf8').split('\n').length > 201);
    expect(long).toEqual([]);
  });
});

const sourcesOf = (folder: string): readonly string[] => sources.filter((file) => file.startsWith(folder));

const guilty = (files: readonly string[], forbidden: RegExp): readonly string[] =>
  files.filter((file) => forbidden.test(readFileSync(file, 'utf8')));

describe.each(['src/core/', 'src/providers/'])('%s', (folder) => {
  it('reads no clock, no chance and no timer of its own', () => {
    const forbidden =
      /\b(Date\.now|performance\.now|setTimeout|setInterval|Math\.random|process\.(env|argv|exit|on)\b|AbortSignal\.timeout)/;
    expect(guilty(sourcesOf(folder), forbidden)).toEqual([]);
  });

  it('reaches the network only through what it was given', () => {
    expect(guilty(sourcesOf(folder), /(?<![.\w])fetch\(|\bglobalThis\b|\bXMLHttpRequest\b|\bWebSocket\b/)).toEqual([]);
  });
});

it('is the command line alone that prints and ends the process', () => {
  // The keychain's child process answers its parent on stdout.
  const printing = ['src/adapters/secret-store/keyring-child.ts', 'src/cli/context.ts'];
  expect(new Set(guilty(sources, /\bprocess\.(?:stdout|stderr|exit\()|\bconsole\./))).toEqual(new Set(printing));
});
