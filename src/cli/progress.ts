/** News while something takes its time: one line that changes on a terminal, plain lines elsewhere. */
import type { Context } from './context.ts';
import { printable, say } from './text.ts';

export interface Progress {
  /** What is being waited for now. */
  readonly show: (text: string) => void;
  /** A line that stays. */
  readonly say: (text: string) => void;
  /** Wipes the changing line. */
  readonly end: () => void;
}

const patienceMs = 1_000;

/** Calls `show` if the wait lasts, on a terminal; a log needs no such report. Returns how to give that up. */
export function ifItLasts({ stderr }: Context, show: () => void): () => void {
  if (!stderr.isTTY) return () => {};
  const timer = setTimeout(show, patienceMs);
  return () => clearTimeout(timer);
}

const wipe = '\r\u001b[2K';

export function openProgress(context: Context): Progress {
  const { stderr } = context;
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
      say(context, text);
      if (stderr.isTTY && under !== '') stderr.write(under);
      shown = under;
    },
  };
}
