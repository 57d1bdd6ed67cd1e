import { ours, oursShortLead } from './engine.ts';
import { daemon, noCache, sharedFile, singleFlightDaemon, sweeper } from './peers.ts';
import type { Strategy } from './source.ts';

export const strategies: readonly Strategy[] = [
  noCache,
  sharedFile,
  daemon,
  singleFlightDaemon,
  sweeper,
  oursShortLead,
  ours,
];
