/** The AWS command line and its like, which use the same token file: they refresh, sign in and sign out. */
import { seconds } from '../support/fake-clock.ts';
import type { Dice } from './dice.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

export function otherTool(world: World, dice: Dice, site: Site): void {
  const act = dice.pick(['refreshes', 'refreshes', 'signs in', 'signs out'] as const);
  world.story.note('another tool', act);
  if (!world.daemon.process.alive) return;
  site.parts.calls.excuse();
  site.parts.idle.used(site.name);
  site.parts.notices.settled();
  if (act === 'refreshes') return refresh(site);
  if (act === 'signs in') return signIn(site);
  signOut(world, site);
}

/** Of tokens that nobody could store, nothing says whether they are the newer ones but their expiry. */
function refresh(site: Site): void {
  const { store, server, tokens, windows } = site.parts;
  const { stored } = store;
  if (!stored?.refreshToken || store.unreadable || store.readOnly || !tokens.isNewest(stored)) return;
  const issued = server.takesRefresh(stored.refreshToken) ? server.refresh(stored.refreshToken) : null;
  if (!issued) return;
  store.overwrite(site.recordOf(site.state(issued)).record);
  tokens.forgotten();
  // Tokens that appear while somebody is asked for them, or after a sign-out, are a sign-in.
  if (windows.isOpen() || windows.isSignedOut()) windows.signedInElsewhere();
}

function signIn(site: Site): void {
  const { store, server, tokens, windows } = site.parts;
  if (!store.overwrite(site.recordOf(site.state(server.signIn())).record)) return;
  tokens.forgotten();
  windows.signedInElsewhere();
}

/** Noticed as soon as the store has been read, if the daemon lives so long. */
function signOut({ posts, serving, daemon, time }: World, site: Site): void {
  const { store, windows, tokens } = site.parts;
  const { process } = daemon;
  // Whoever has not read the tokens yet cannot tell that they have gone.
  const knows = process.broker.sessions().some(({ name, expiresAt }) => name === site.name && expiresAt !== null);
  const forget = (): void => {
    for (const { scenario } of posts.values()) if (scenario.site === site.name) serving.forgotten(scenario.name);
  };
  if (!store.stored || store.unreadable || store.readOnly) return;
  forget();
  store.overwrite(null);
  time.after(seconds(2), () => {
    if (!knows || !process.alive || store.stored) return;
    windows.signedOut();
    site.parts.notices.settled();
  });
  tokens.forgotten();
  // Noticed at once, or when a refresh that is under way has come to its end.
  for (const ms of [seconds(2), seconds(60)]) time.after(ms, forget);
}
