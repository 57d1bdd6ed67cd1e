/** What kubectl asks for, understood without the option parser: it runs its plugin for every command. */

export interface TokenRequest {
  readonly profile: string;
  readonly cluster: string;
  /** Null for the profile's own. */
  readonly region: string | null;
  /** False with `--no-start`. */
  readonly start: boolean;
}

/** Of the words that `eks connect` writes; null for any other command line. */
export function tokenRequest(argv: readonly string[]): TokenRequest | null {
  const [eks, token, profile, cluster, flag, region, ...others] = argv;
  if (eks !== 'eks' || token !== 'token' || profile === undefined || cluster === undefined) return null;
  if (others.length > 0 || (flag !== undefined && (flag !== '--region' || region === undefined))) return null;
  if ([profile, cluster, region].some((word) => word?.startsWith('-'))) return null;
  return { profile, cluster, region: region ?? null, start: true };
}
