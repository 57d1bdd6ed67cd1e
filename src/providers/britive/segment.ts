/** A path in which each value is one segment; null where one cannot be, since a URL collapses dots, encoded or not. */
export const path = (texts: TemplateStringsArray, ...names: readonly string[]): string | null =>
  names.every(isSegment) ? String.raw({ raw: texts }, ...names.map(encodeURIComponent)) : null;

/** Also where somebody in between decodes its slashes. */
const isSegment = (name: string): boolean =>
  name !== '' && !/\p{Cs}/u.test(name) && name.split(/[/\\]/).every((part) => part !== '.' && part !== '..');
