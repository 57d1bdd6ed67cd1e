/** What a helper that printed no credentials has proved. */
import type { Verdict } from '../../core/types.ts';
import { transient } from '../failures.ts';
import { excerptOf } from './excerpt.ts';
import type { HelperEnd, HelperFailure } from './types.ts';

type Denied = Extract<Verdict<never>, { type: 'denied' }>;

export const denied = (detail: string): Denied => ({ type: 'denied', why: 'bad-request', detail });

/** It was run to its end and says that it has nothing. */
export const refusal = ({ status, stderr }: Extract<HelperEnd, { type: 'ended' }>): Denied => {
  const how = status === null ? 'was ended by a signal' : `ended with status ${status}`;
  const said = excerptOf(stderr);
  return denied(`the helper ${how} and said ${said === '' ? 'nothing' : `"${said}"`}`);
};

export const stopped = ({ why }: Extract<HelperEnd, { type: 'stopped' }>): Verdict<never> =>
  transient(why, why === 'timeout' ? 'the helper did not end in time' : 'the helper was stopped');

/** Of this machine at this moment: too many processes, files or bytes; a program that is just being replaced. */
const passing: ReadonlySet<HelperFailure> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ETXTBSY']);

export const notRun = ({ program, why }: Extract<HelperEnd, { type: 'failed' }>): Verdict<never> => {
  if (passing.has(why)) return transient('connect', `"${program}" cannot be started now (${why})`);
  switch (why) {
    case 'empty command':
      return denied('there is no command');
    case 'open quotation':
      return denied('the command has a quotation that is not closed');
    case 'unsupported':
      return denied('helper programs cannot be run on this system');
    case 'too much output':
      return denied(`"${program}" printed more than credentials`);
    case 'ENOENT':
      return denied(`there is no program "${withoutValue(program)}"${shellHint(program)}`);
    default:
      return denied(`"${program}" cannot be run (${why})`);
  }
};

/** Of a variable, which may be a secret. */
const withoutValue = (program: string): string => program.replace(/^(\w+)=.*/s, '$1=…');

/** Other SDKs do use a shell, so such commands exist. */
const shellHint = (program: string): string =>
  /^~|\$|`|^\w+=/.test(program) ? '; no shell reads the command, so write the whole path' : '';
