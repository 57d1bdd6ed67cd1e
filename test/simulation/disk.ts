/** What the daemon keeps beside tokens, as it stands on disk: as text, so that nothing survives that cannot be written. */
import { parseCheckout } from '../../src/core/checkout.ts';
import { Kept, parseKept } from '../../src/core/kept.ts';
import type { StateFile } from '../../src/core/ports.ts';
import { noMemo, parseMemo, type SessionMemo } from '../../src/core/session-memo.ts';
import type { Checkout } from '../../src/core/types.ts';
import type { Daemon, Process } from './daemon.ts';

export interface Opened {
  readonly checkouts: Kept<Checkout>;
  readonly memoOf: (session: string) => SessionMemo;
  readonly saveMemo: (session: string, memo: SessionMemo) => void;
}

export class Disk {
  readonly #daemon: Daemon;
  readonly #written: (text: string) => void;
  readonly #files = new Map<string, string>();

  /** `written` sees whatever is put down in clear text. */
  constructor(daemon: Daemon, written: (text: string) => void) {
    this.#daemon = daemon;
    this.#written = written;
  }

  open(process: Process): Opened {
    const file = <T>(name: string, parse: (value: unknown) => T): StateFile<T> => ({
      load: () => {
        const text = this.#files.get(name);
        return text === undefined ? null : parse(JSON.parse(text));
      },
      save: (value) => this.#write(process, name, JSON.stringify(value)),
    });
    const memos = new Kept(file('sessions', parseKept(parseMemo)));
    return {
      checkouts: new Kept(file('checkouts', parseKept(parseCheckout))),
      memoOf: (session) => memos.of(session) ?? noMemo,
      saveMemo: (session, memo) => memos.save(session, memo),
    };
  }

  #write(process: Process, name: string, text: string): void {
    if (!process.alive) return;
    this.#written(text);
    this.#files.set(name, text);
    this.#daemon.passing(name === 'sessions' ? 'memo saved' : 'checkout saved');
  }
}
