/** The system's name of an error (`ENOSPC`), null for others. */
export const errorCode = (thrown: unknown): string | null => {
  if (!(thrown instanceof Error) || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
};

export const isMissing = (thrown: unknown): boolean => errorCode(thrown) === 'ENOENT';
