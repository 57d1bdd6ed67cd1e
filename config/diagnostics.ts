import { BrokerError } from '../src/core/errors.ts';
import type { Diagnostic } from '../src/core/settings.ts';

/** `file:line key: message`, without the parts that are not known. */
export const formatDiagnostic = ({ file, line, key, message }: Diagnostic): string =>
  `${file}${line > 0 ? `:${line}` : ''}${key === '' ? '' : ` ${key}`}: ${message}`;

/** A complaint about a whole file. */
export const fileError = (file: string, message: string): Diagnostic => ({
  severity: 'error',
  file,
  line: 0,
  key: '',
  message,
});

/** The configuration cannot be used. Its message is the first complaint; `diagnostics` has them all. */
export class ConfigError extends BrokerError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly [Diagnostic, ...Diagnostic[]]) {
    super('ConfigInvalid', formatDiagnostic(diagnostics[0]));
    this.diagnostics = diagnostics;
  }
}

/** Throws when there is anything to complain of; otherwise does nothing. */
export const refuseIfAny = (diagnostics: readonly Diagnostic[]): void => {
  const [first, ...others] = diagnostics;
  if (first !== undefined) throw new ConfigError([first, ...others]);
};
