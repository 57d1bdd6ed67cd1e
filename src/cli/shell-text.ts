/** Assignments for a shell to evaluate, safe whatever the value holds. */

export const shells = ['sh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

export interface ShellText {
  readonly set: (name: string, value: string) => string;
  readonly unset: (name: string) => string;
}

export const shellText: Readonly<Record<Shell, ShellText>> = {
  sh: {
    set: (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
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
