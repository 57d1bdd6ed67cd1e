/** A secret that is typed or piped in. Never an argument: those are for every user of the machine to see. */
import type { Context } from './context.ts';
import { usage } from './exit.ts';

/** One line. Rejects when interrupted, and as a wrong use when nothing comes. */
export async function readToken(context: Context): Promise<string> {
  const line = context.interactive ? await typedUnseen(context, 'Token (not shown): ') : await context.ask('');
  const token = line.trim();
  if (token === '') throw usage('No token was given. Pipe it in, or type it when asked');
  return token;
}

const enter = new Set(['\r', '\n', '\u0004']);
const erase = new Set(['\u007f', '\b']);

/** One line, without echo. Rejects when interrupted. */
export function typedUnseen({ stderr, onKey, signals }: Context, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (conclude: () => void): void => {
      stop();
      signals.aborted.removeEventListener('abort', interrupted);
      stderr.write('\n');
      conclude();
    };
    const interrupted = (): void => end(() => reject(signals.aborted.reason));
    const stop = onKey((key) => {
      if (enter.has(key)) return end(() => resolve(text));
      text = erase.has(key) ? text.slice(0, -1) : text + key;
    });
    signals.aborted.addEventListener('abort', interrupted, { once: true });
    // Not before the echo is off: whoever answers at once would read it on the screen.
    stderr.write(question);
  });
}
