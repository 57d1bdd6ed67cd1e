/**
 * The words of a line as a POSIX shell divides them, without expansions; null where a quotation is not closed. It is
 * `shlex.split` of Python, by which botocore and the AWS CLI read commands and section names.
 */
export const shellWords = (line: string): readonly string[] | null => {
  const words: string[] = [];
  const word = /[ \t\r\n]*((?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^ \t\r\n"'\\])+)/sy;
  let end = 0;
  for (let match = word.exec(line); match !== null; match = word.exec(line)) {
    words.push(unquote(match[1] ?? ''));
    end = word.lastIndex;
  }
  return /^[ \t\r\n]*$/.test(line.slice(end)) ? words : null;
};

const unquote = (word: string): string =>
  word.replace(
    /\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'/gs,
    (_, escaped?: string, double?: string, single?: string) =>
      escaped ?? single ?? (double ?? '').replace(/\\(["\\])/g, '$1'),
  );
