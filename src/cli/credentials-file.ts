/** The AWS credentials file of the caller's environment, as `checkout` and `checkin` use it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AwsKeys,
  heldAccessKeyId,
  withCredentials,
  withoutCredentials,
} from '../../config/aws-credentials-edit.ts';
import { awsLocations } from '../../config/aws-files.ts';
import { statePaths } from '../../config/paths.ts';
import { type Edit, editFile } from '../adapters/edit-file.ts';
import { type CheckoutState, isStillThere } from './checkout-state.ts';
import type { Context } from './context.ts';

/** Null where it cannot be read: whoever writes it next says why. */
export const credentialsText = async (context: Context): Promise<string | null> =>
  readFile(pathOf(context), 'utf8').catch(() => null);

export const writeSection = (context: Context, section: string, keys: AwsKeys): Promise<void> =>
  edit(context, (text) => withCredentials(text, section, keys));

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
