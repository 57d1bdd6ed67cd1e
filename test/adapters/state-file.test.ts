import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JsonStateFile } from '../../src/adapters/state-file.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { recordingLog } from '../support/quiet-log.ts';
import { tempDir } from '../support/temp-dir.ts';

const parse = (value: unknown): number => {
  if (typeof value !== 'number') throw new Error('not a number');
  return value;
};

const arrange = (content: string | null = null) => {
  const directory = tempDir();
  const path = join(directory, 'state.json');
  const log = recordingLog();
  if (content !== null) writeFileSync(path, content);
  const file = new JsonStateFile({ path, version: 2, parse, clock: new FakeClock(), log });
  return { directory, path, log, file };
};

describe('a state file', () => {
  it('gives back what was saved, to another instance too', () => {
    const { path, file, log } = arrange();
    file.save(41);
    file.save(42);
    expect(file.load()).toBe(42);
    expect(new JsonStateFile({ path, version: 2, parse, clock: new FakeClock(), log }).load()).toBe(42);
    expect(readFileSync(path, 'utf8')).toBe('{"version":2,"value":42}\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is null and silent before anything was saved', () => {
    const { file, log } = arrange();
    expect(file.load()).toBeNull();
    expect(log.lines).toEqual([]);
  });

  it('neither uses nor changes what a newer version wrote', () => {
    const newer = '{"version":3,"value":{"unheard":"of"}}';
    const { path, file, log } = arrange(newer);
    expect(file.load()).toBeNull();
    file.save(1);
    expect(readFileSync(path, 'utf8')).toBe(newer);
    expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
  });

  it('reads what an older version wrote', () => {
    expect(arrange('{"version":1,"value":7}').file.load()).toBe(7);
  });

  it.each([
    ['empty', ''],
    ['cut', '{"version":2,"val'],
    ['of another shape', '{"version":2,"value":"text"}'],
    ['without a version', '{"value":1}'],
    ['with a version of zero', '{"version":0,"value":1}'],
    ['with a broken version', '{"version":"9","value":1}'],
    ['no object', 'null'],
  ])('moves a file aside that is %s', (_, content) => {
    const { directory, file, log } = arrange(content);
    expect(file.load()).toBeNull();
    expect(readdirSync(directory)).toEqual(['state.json.corrupt-2026-11-21T09-00-00-000Z']);
    expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
    file.save(5);
    expect(file.load()).toBe(5);
  });

  it('does not read through a link', () => {
    const { path, directory, file } = arrange();
    const elsewhere = join(tempDir(), 'other.json');
    writeFileSync(elsewhere, '{"version":2,"value":13}');
    symlinkSync(elsewhere, path);
    expect(file.load()).toBeNull();
    file.save(1);
    expect(readFileSync(elsewhere, 'utf8')).toContain('13');
    expect(readdirSync(directory)).toHaveLength(2);
  });

  it('says once that saving fails, and again when it works', () => {
    const { path, file, log } = arrange();
    mkdirSync(path);
    file.save(1);
    file.save(2);
    expect(log.lines.map(({ level }) => level)).toEqual(['error']);
    rmdirSync(path);
    file.save(3);
    expect(file.load()).toBe(3);
    expect(log.lines.map(({ level }) => level)).toEqual(['error', 'info']);
  });
});
