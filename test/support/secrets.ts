/** Everything in the emulator's journal that nobody may read anywhere else. */
import type { Journal } from '../../src/emulator/index.ts';

const secretFields =
  /^(accessToken|refreshToken|idToken|clientSecret|deviceCode|secretAccessKey|sessionToken|code|codeVerifier)$/;

export const secretsIn = ({ entries }: Pick<Journal, 'entries'>): readonly string[] => [
  ...new Set(entries.flatMap(({ request, answer }) => [...fieldsOf(request.body), ...fieldsOf(answer?.body ?? '')])),
];

function fieldsOf(text: string): readonly string[] {
  const found: string[] = [];
  try {
    JSON.parse(text, (name, value: unknown) => {
      if (secretFields.test(name) && typeof value === 'string') found.push(value);
      return value;
    });
  } catch {
    // Forms and pages: none of their fields is one of these.
  }
  return found;
}
