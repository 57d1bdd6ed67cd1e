/** The terminal's other screen: what stood there before comes back, and its history stays as it was. */
import type { Output } from './context.ts';

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
const home = '\u001b[H';
const restOfLine = '\u001b[K';
const restOfScreen = '\u001b[J';

/** Gives `use` a way to draw, and leaves the screen however it ends. */
export async function onOtherScreen(
  output: Output,
  use: (draw: (text: string) => void) => Promise<void>,
): Promise<void> {
  output.write(enter);
  try {
    await use((text) => output.write(`${home}${fitted(text, output.rows)}${restOfScreen}`));
  } finally {
    output.write(leave);
  }
}

/** No line more than fits: the terminal would scroll. */
function fitted(text: string, rows: number): string {
  const lines = text.trimEnd().split('\n');
  const kept = lines.length <= rows ? lines : [...lines.slice(0, rows - 1), '…'];
  return kept.map((line) => `${line}${restOfLine}`).join('\r\n');
}
