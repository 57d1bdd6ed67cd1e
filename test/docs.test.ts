import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schema } from '../config/schema.ts';
import { readFaults } from '../src/cli/fault-file.ts';
import { isOperation } from '../src/emulator/operations.ts';
import { isThere, proofsIn } from './support/proofs.ts';
import { tempDir } from './support/temp-dir.ts';

const pages = ['README.md', 'CHANGELOG.md', ...readdirSync('docs').map((name) => join('docs', name))];
const read = (path: string): string => readFileSync(path, 'utf8');

describe('the documentation', () => {
  it('links to nothing that does not exist', () => {
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)]
        .map(([, target = '']) => join(dirname(page), target))
        .filter((target) => !existsSync(target))
        .map((target) => `${page} → ${target}`),
    );
    expect(dead).toEqual([]);
  });

  it('names no test file that does not exist', () => {
    const named = [...read('docs/conformance.md').matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  it.each(['docs/conformance.md', 'docs/britive.md'])('names no test that does not exist: %s', (page) => {
    const proofs = proofsIn(read(page));
    expect(proofs.length).toBeGreaterThan(20);
    expect(proofs.filter((proof) => !isThere(proof))).toEqual([]);
  });

  it.each([
    ['## What bctl promised', 38],
    ['## What bctl and others do wrong, and we do not', 25],
  ])('has a proof or a decision for each line of "%s"', (heading, atLeast) => {
    const part = read('docs/britive.md').split(heading)[1]?.split('\n## ')[0] ?? '';
    const lines = part.split('\n').filter((line) => /^\| (?!\*\*|---|bctl \||defect \|)/.test(line));
    expect(lines.length).toBeGreaterThanOrEqual(atLeast);
    const proof = (line: string): string => line.split(' | ')[2] ?? '';
    expect(lines.filter((line) => proofsIn(proof(line)).length === 0)).toEqual([]);
  });

  it('shows the example configuration as it is tested', () => {
    expect(read('docs/configuration.md')).toContain(`\`\`\`yaml\n${read('config/example.yaml')}\`\`\``);
  });

  it('names every key that the configuration takes', () => {
    const page = read('docs/configuration.md');
    const keys = [...Object.keys(schema.properties), ...Object.keys(schema.properties.refresh.properties)];
    expect(keys.filter((key) => !page.includes(key))).toEqual([]);
  });

  it('gives a fault file that the emulator takes, and operations it knows', async () => {
    const page = read('docs/emulator.md');
    const [, json = ''] = /```json\n([^`]+)```/.exec(page) ?? [];
    const file = join(tempDir(), 'faults.json');
    writeFileSync(file, json);
    expect(await readFaults(file)).toHaveLength(3);
    const [, named = ''] = /^Operations: ([^.]+)\./m.exec(page) ?? [];
    const names = [...named.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect([names.length, names.filter((name) => !isOperation(name))]).toEqual([11, []]);
  });
});
