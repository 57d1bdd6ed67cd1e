import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';

const silent = { isTTY: false, columns: 80, rows: 24, write: () => {} };

/** A program that prints nothing; its actions are never run. */
export const silentProgram = (): Command =>
  buildProgram({
    env: {},
    platform: process.platform,
    stdout: silent,
    stderr: silent,
    interactive: false,
    ask: async () => '',
    onKey: () => () => {},
    inContainer: false,
    signals: { aborted: new AbortController().signal, takeOver: () => () => {} },
    now: Date.now,
    self: ['node'],
    serve: async () => {},
  });
