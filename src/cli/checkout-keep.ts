/** What `checkout` keeps in the AWS credentials file, and how it knows that again. */
import type { ProfileView, StatusView } from '../core/views.ts';
import { type AwsCheckout, alreadyCheckedOut, checkedOut } from './checkout-output.ts';
import {
  type CheckoutState,
  checkoutDirectory,
  hashOf,
  isReusable,
  readCheckout,
  saveCheckout,
} from './checkout-state.ts';
import type { Context } from './context.ts';
import { credentialsText, refuseLongLived, writeSection } from './credentials-file.ts';
import { clockWarning, serverNow } from './server-time.ts';
import { say } from './text.ts';
import { isoSeconds } from './time.ts';

/** Whose role an alias is: whatever changes here makes an earlier checkout one of something else. */
function targetOf({ sessions }: StatusView, profile: ProfileView): string {
  const { session, accountId, roleName, path, region } = profile;
  const { provider, startUrl } = sessions.find((each) => each.name === session) ?? { provider: null, startUrl: null };
  return JSON.stringify([provider, startUrl, accountId, roleName, path, region]);
}

/** Says so where it is. */
export async function isHeld(context: Context, status: StatusView, profile: ProfileView): Promise<boolean> {
  const { name } = profile;
  const state = await readCheckout(checkoutDirectory(context.env, context.platform), name);
  if (state === null || isReplaced(state, profile)) return false;
  const now = serverNow(context, status);
  const wanted = { now, target: targetOf(status, profile), credentialsFile: await credentialsText(context) };
  if (!isReusable(state, wanted)) return false;
  say(context, alreadyCheckedOut(name, state.expiresAt, now));
  return true;
}

/** Somebody has checked out anew since, which ended what was written here. */
const isReplaced = ({ transactionId }: CheckoutState, { transaction }: ProfileView): boolean =>
  transaction !== null && transaction !== transactionId;

/** Before anything is checked out that could not be written. */
export const refuseOverwriting = async (context: Context, { name }: ProfileView): Promise<void> =>
  refuseLongLived(context, name, await credentialsText(context));

interface Kept {
  readonly status: StatusView;
  readonly profile: ProfileView;
  readonly found: AwsCheckout;
  readonly transaction: string | null;
}

/** The section first: without the file that tells of it, it is only written again. */
export async function keep(context: Context, { status, profile, found, transaction }: Kept): Promise<void> {
  const { name } = profile;
  await writeSection(context, name, found);
  const now = serverNow(context, status);
  await saveCheckout(checkoutDirectory(context.env, context.platform), {
    alias: name,
    transactionId: transaction,
    checkedOutAt: isoSeconds(now),
    expiresAt: found.expiration,
    target: targetOf(status, profile),
    awsProfile: name,
    accessKeyIdHash: hashOf(found.accessKeyId),
    region: found.region,
  });
  say(context, checkedOut(name, found.expiration, now));
  const warning = clockWarning(status);
  if (warning !== null) say(context, warning);
}
