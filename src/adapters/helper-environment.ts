/** By it `credbroker credential-process` knows for which profile it is asked by a helper, and does not wait for itself. */
const markVariable = 'CREDBROKER_HELPER_FOR';

/** Our own, but for what leads a helper that asks credbroker to this daemon and no other. */
const ours = /^CREDBROKER_(?!(?:HOME|CONFIG)$)/;

/** From where SDKs take credentials before they look anywhere else, and what aws-vault takes for a shell inside a shell. */
const credentials =
  /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|(CREDENTIAL|SESSION)_EXPIRATION|(DEFAULT_)?PROFILE|ROLE_ARN|ROLE_SESSION_NAME|WEB_IDENTITY_TOKEN_FILE|CONTAINER_\w+|VAULT)$/;

/**
 * The daemon's environment as a helper may see it. Whoever started the daemon may have had credentials or a profile in
 * theirs, perhaps our own: a helper would use them in place of what it is configured for, or ask us for what it is to bring.
 */
export const helperEnvironment = (env: NodeJS.ProcessEnv, profile: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name) && !credentials.test(name))),
  [markVariable]: profile,
});
