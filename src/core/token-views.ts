/** An access token as tools want it, on either plane. */
export interface TokenDocument {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Null for what lasts until upstream ends it. */
  readonly expires_at: string | null;
}
