/** The command lines of scripts: every option has a value, and whoever mistypes one is told so in a sentence. */
import { parseArgs } from 'node:util';

/** What was typed cannot be done. */
export class UsageError extends Error {}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

/** What `mulberry32` tells apart. */
export const seedRange: Range = { least: 1, most: 2 ** 32 - 1, whole: true };
export const hourRange: Range = { least: 0.01, most: 10_000, whole: false };
export const jobRange: Range = { least: 1, most: 1_024, whole: true };

export class ScriptOptions<Name extends string> {
  readonly #values: Readonly<Record<Name, string>>;

  /** Throws `UsageError` for what is not one of `defaults`. */
  constructor(defaults: Readonly<Record<Name, string>>, words: readonly string[]) {
    const names = Object.keys(defaults);
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }] as const));
    // Strict, it takes a negative number for an option, and needs three sentences to say so.
    const { values, positionals } = parseArgs({ args: [...words], options, strict: false });
    const known = `the options are ${names.map((name) => `--${name}`).join(', ')}`;
    const stray = Object.keys(values).find((name) => !names.includes(name)) ?? positionals[0];
    if (stray !== undefined) throw new UsageError(`"${stray}" is none of its options; ${known}`);
    const bare = names.find((name) => values[name] === true);
    if (bare !== undefined) throw new UsageError(`--${bare} takes a value`);
    this.#values = { ...defaults, ...values };
  }

  text(name: Name): string {
    return this.#values[name];
  }

  number(name: Name, { least, most, whole }: Range): number {
    const text = this.#values[name];
    const value = Number(text);
    if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
    throw new UsageError(`--${name} takes a ${whole ? 'whole ' : ''}number from ${least} to ${most}, not "${text}"`);
  }
}

/** Exits with 2 when something was mistyped, with 1 when something else fails. */
export function runScript(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    const mistyped = error instanceof UsageError;
    const said = error instanceof Error ? ((mistyped ? null : error.stack) ?? error.message) : String(error);
    process.stderr.write(`${said}\n`);
    process.exitCode = mistyped ? 2 : 1;
  });
}
