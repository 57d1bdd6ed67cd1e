/** News while something takes its time: one line that changes on a terminal, plain lines elsewhere. */
import type { Context } from './context.ts';
import { printable } from './text.ts';

export interface Progress {
  /** What is being waited for now. */
  readonly show: (text: string) => void;
  /** A line that stays. */
  readonly say: (text: string) => void;
  /** Wipes the changing line. */
  readonly end: () => void;
}

const wipe = '\r\u001b[2K';

export function openProgress({ stderr }: Context): Progress {
  let shown = '';
  const end = () => {
    if (stderr.isTTY && shown !== '') stderr.write(wipe);
    shown = '';
  };
  return {
    end,
    show: (text) => {
      // A line that wraps could not be wiped.
      const line = stderr.isTTY ? printable(text).slice(0, stderr.columns - 1) : printable(text);
      if (line === shown) return;
      shown = line;
      stderr.write(stderr.isTTY ? `${wipe}${line}` : `${line}\n`);
    },
    say: (text) => {
      const under = shown;
      end();
      stderr.write(`${printable(text)}\n`);
      if (stderr.isTTY && under !== '') stderr.write(under);
      shown = under;
    },
  };
}
