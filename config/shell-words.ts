/** The words of a line as a POSIX shell divides them, without expansions; null where a quotation is not closed. */
export const shellWords = (line: string): readonly string[] | null => {
  const words: string[] = [];
  const word = /\s*((?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\])+)/sy;
  let end = 0;
  for (let match = word.exec(line); match !== null; match = word.exec(line)) {
    words.push(unquote(match[1] ?? ''));
    end = word.lastIndex;
  }
  return line.slice(end).trim() === '' ? words : null;
};

const unquote = (word: string): string =>
  word.replace(
    /\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'/gs,
    (_, escaped?: string, double?: string, single?: string) =>
      escaped ?? single ?? (double ?? '').replace(/\\(["\\])/g, '$1'),
  );
