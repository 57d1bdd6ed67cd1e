/** What may stand in a log line: no secret by name, no endless text, no terminal escape. */

const secretName =
  /secret|token|passw|passphrase|authorization|cookie|credential|verifier|assertion|accesskey|apikey|privatekey|encryptionkey|usercode|devicecode|jwt|jwe/i;
/** What a terminal would act on, beside the C0 characters that JSON escapes by itself: DEL, C1, directional marks, line separators. */
const terminalControls = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** A grant's token, wherever a client put it by mistake: in a path, it is a profile's name. */
const grantToken = /\bcb_[\w-]{20,}/g;
const longestText = 1_024;
const deepest = 6;
const widest = 100;

/** A copy without the values of fields named like secrets. Errors keep name, message, code and cause, and no other field. */
export const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return shorten(value);
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[bytes]';
  if (Array.isArray(value)) return value.slice(0, widest).map((item) => redact(item, depth + 1));
  return redactFields(Object.entries(value), depth);
};

/** Escapes in a finished JSON line, where these characters can only stand inside strings. */
export const escapeControls = (line: string): string =>
  line.replaceAll(terminalControls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const redactFields = (entries: readonly (readonly [string, unknown])[], depth: number): Record<string, unknown> =>
  Object.fromEntries(
    entries
      .slice(0, widest)
      .map(([name, value]) => [name, isSecret(name) && value !== null ? '[redacted]' : redact(value, depth + 1)]),
  );

const isSecret = (name: string): boolean => secretName.test(name.replaceAll(/[-_\s]/g, ''));

const redactError = (error: Error, depth: number): Record<string, unknown> => ({
  name: error.name,
  message: shorten(error.message),
  ...('code' in error ? { code: redact(error.code, depth + 1) } : {}),
  ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
});

const shorten = (text: string): string => {
  const masked = text.replaceAll(grantToken, 'cb_…');
  return masked.length > longestText ? `${masked.slice(0, longestText)}…` : masked;
};
