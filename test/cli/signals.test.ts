import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { deadline, type Signals, watchSignals } from '../../src/cli/signals.ts';

function watched(): { readonly signals: Signals; readonly exits: number[]; readonly send: (signal: string) => void } {
  const source = new EventEmitter();
  const exits: number[] = [];
  const signals = watchSignals({
    on: (signal, handler) => source.on(signal, handler),
    exit: (status) => exits.push(status),
  });
  return { signals, exits, send: (signal) => source.emit(signal, signal) };
}

describe('signals', () => {
  it.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('let the first %s ask the command to leave, with the status of shells', (signal, exitStatus) => {
    const { signals, exits, send } = watched();
    send(signal);
    expect(signals.aborted.reason).toMatchObject({ exitStatus, message: '' });
    expect(exits).toEqual([]);
  });

  it('leave at the second one', () => {
    const { exits, send } = watched();
    send('SIGINT');
    send('SIGTERM');
    expect(exits).toEqual([143]);
  });

  it('tell nobody else while they are taken over', () => {
    const { signals, exits, send } = watched();
    const seen: string[] = [];
    const giveBack = signals.takeOver((signal) => seen.push(signal));
    send('SIGINT');
    send('SIGINT');
    expect([seen, exits, signals.aborted.aborted]).toEqual([['SIGINT', 'SIGINT'], [], false]);
    giveBack();
    send('SIGINT');
    expect(signals.aborted.aborted).toBe(true);
  });

  it('can be given a deadline, and still end before it', () => {
    const { signals, send } = watched();
    const limited = deadline(signals, 60_000, new Error('late'));
    send('SIGINT');
    expect(limited.aborted.reason).toBe(signals.aborted.reason);
  });
});
