/** The lines of an AWS file and what each of them is, for edits that leave every other line as it stands. */

export interface IniLine {
  /** Without its end. */
  readonly text: string;
  /** The line break, empty at the end of a file that lacks one. */
  readonly end: string;
  /** A continuation belongs to the key above it, though comments may stand between the two. */
  readonly kind: 'header' | 'key' | 'continuation' | 'comment' | 'blank' | 'junk';
  /** What stands between the brackets of the section it is in, null before the first. */
  readonly section: string | null;
  /** In lower case, for a key and its continuations. */
  readonly key: string | null;
}

/** The same grammar as `parseIni`; the texts and ends in their order make the whole file again. */
export const iniLines = (text: string): readonly IniLine[] => {
  let section: string | null = null;
  let open: { readonly key: string; readonly indent: number } | null = null;
  return (text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? []).map((whole) => {
    const line = { text: whole.replace(/[\r\n]+$/, ''), end: /[\r\n]*$/.exec(whole)?.[0] ?? '' };
    const trimmed = line.text.trim();
    if (trimmed === '') return { ...line, kind: 'blank', section, key: null };
    if (/^[#;]/.test(trimmed)) return { ...line, kind: 'comment', section, key: null };
    const indent = indentOf(line.text).length;
    if (open !== null && indent > open.indent) return { ...line, kind: 'continuation', section, key: open.key };
    open = null;
    if (trimmed.startsWith('[')) {
      section = headerLine.exec(trimmed)?.[1]?.trim() ?? '';
      return { ...line, kind: 'header', section, key: null };
    }
    const at = trimmed.search(/[=:]/);
    if (at < 1 || section === null) return { ...line, kind: 'junk', section, key: null };
    open = { key: trimmed.slice(0, at).trimEnd().toLowerCase(), indent };
    return { ...line, kind: 'key', section, key: open.key };
  });
};

export const indentOf = (text: string): string => text.slice(0, text.length - text.trimStart().length);

const headerLine = /^\[((?:"[^"]*"|'[^']*'|[^\]"'])*|[^\]]*)\]/;
