/** JSON that another program wrote, or an older one of ours, or a power cut in the middle. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Null for anything but an object; a list is none. */
export const objectOf = (value: unknown): JsonObject | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;

/** Null for what is not JSON, too. */
export const parseObject = (text: string): JsonObject | null => {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return null;
  }
};

/** Null for anything but a string that holds something. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
