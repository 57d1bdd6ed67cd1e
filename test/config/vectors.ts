import { existsSync, readFileSync } from 'node:fs';

const directory = new URL('../../../shared/vectors/', import.meta.url);

/** Vectors that nobody here wrote. A clone that stands alone has none, and its tests say so. */
export const vectors = <T>(name: string, fallback: T): T =>
  hasVectors ? (JSON.parse(readFileSync(new URL(name, directory), 'utf8')) as T) : fallback;

export const hasVectors = existsSync(directory);

export const unlessMissing = hasVectors ? '' : ' (skipped: vectors not present)';
