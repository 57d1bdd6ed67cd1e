/** No secret shows where it does not belong, and nothing is logged as an error that is not one. */
import type { Log } from '../../../src/core/ports.ts';
import type { Process } from '../daemon.ts';
import { canary } from '../sign-in-server.ts';
import type { Story } from '../story.ts';

/** A store that refuses to delete is worth an error. */
const expected: ReadonlySet<string> = new Set(['the stored tokens were not deleted']);

export class SecretChecks {
  readonly #story: Story;

  constructor(story: Story) {
    this.#story = story;
  }

  look(where: string, text: string): void {
    if (text.includes(canary)) this.#story.complain(`28: a secret shows in a ${where}: ${text}`);
  }

  log(process: Process): Log {
    const write =
      (level: string) =>
      (fields: Readonly<Record<string, unknown>>, message: string): void => {
        if (!process.alive) return;
        const { err, ...rest } = fields;
        this.look('log line', `${message} ${JSON.stringify(rest)} ${err instanceof Error ? err.stack : ''}`);
        if (level === 'error' && !expected.has(message))
          this.#story.complain(`logged: ${message}: ${err instanceof Error ? err.stack : err}`);
      };
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }
}
