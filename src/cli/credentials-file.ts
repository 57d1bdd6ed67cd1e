/** The AWS credentials file of the caller's environment, as `checkout` and `checkin` use it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AwsKeys,
  heldAccessKeyId,
  holdsLongLivedKeys,
  withCredentials,
  withoutCredentials,
} from '../../config/aws-credentials-edit.ts';
import { awsLocations } from '../../config/aws-files.ts';
import { statePaths } from '../../config/paths.ts';
import { type Edit, editFile } from '../adapters/edit-file.ts';
import { BrokerError } from '../core/errors.ts';
import { type CheckoutState, isStillThere } from './checkout-state.ts';
import type { Context } from './context.ts';
import { shellWord } from './shell-text.ts';

/** Null where it cannot be read: whoever writes it next says why. */
export const credentialsText = async (context: Context): Promise<string | null> =>
  readFile(pathOf(context), 'utf8').catch(() => null);

/** Throws rather than overwrite keys that no checkout could bring back. */
export const writeSection = (context: Context, section: string, keys: AwsKeys): Promise<void> =>
  edit(context, (text) => {
    refuseLongLived(context, section, text);
    return withCredentials(text, section, keys);
  });

/** `text` is the whole file's, null where there is none. */
export function refuseLongLived(context: Context, section: string, text: string | null): void {
  if (text === null || !holdsLongLivedKeys(text, section)) return;
  const next = `Rename that section, or run: credbroker checkout ${shellWord(section)} -o env`;
  const where = `Section "${section}" of "${pathOf(context)}"`;
  throw new BrokerError('Failed', `${where} holds long-lived keys that would be lost. ${next}`);
}

/** Takes away what was written, and nothing else. Resolves with whether other keys stand there by now. */
export async function clearSection(context: Context, state: CheckoutState): Promise<boolean> {
  let hasOthers = false;
  await edit(context, (text) => {
    if (text === null) return null;
    if (isStillThere(state, text)) return withoutCredentials(text, state.awsProfile, state.region);
    hasOthers = heldAccessKeyId(text, state.awsProfile) !== null;
    return null;
  });
  return hasOthers;
}

const edit = (context: Context, change: Edit): Promise<void> => {
  const locks = join(statePaths(context.env, context.platform).directory, 'locks');
  return editFile({ path: pathOf(context), locks, signal: context.signals.aborted }, change);
};

const pathOf = ({ env, platform }: Context): string => awsLocations(env, platform).credentials;
