/** Assignments for a shell to evaluate, safe whatever the value holds. */

export type Shell = 'sh' | 'fish' | 'powershell';

interface ShellText {
  readonly set: (name: string, value: string) => string;
  readonly unset: (name: string) => string;
}

const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/** One word of a command line for `sh`, quoted where it must be. */
export const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word));

const texts: Readonly<Record<Shell, ShellText>> = {
  sh: {
    set: (name, value) => `export ${name}=${quoted(value)}`,
    unset: (name) => `unset ${name}`,
  },
  fish: {
    set: (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, '\\$&')}'`,
    unset: (name) => `set -e ${name}`,
  },
  powershell: {
    // PowerShell takes typographic quotes for quotes: about_Quoting_Rules.
    set: (name, value) => `$env:${name} = '${value.replace(/['‘’‚‛]/g, '$&$&')}'`,
    unset: (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`,
  },
};

export interface Assignments {
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

export function shellLines(shell: Shell, assignments: Assignments): string {
  const { set, unset } = texts[shell];
  const lines = [
    ...assignments.unset.map(unset),
    ...Object.entries(assignments.set).map(([name, value]) => set(name, value)),
  ];
  return `${lines.join('\n')}\n`;
}
