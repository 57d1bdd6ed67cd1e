import { describe, expect, it } from 'vitest';
import { shellWords } from '../../src/core/shell-words.ts';

describe('the words of a line', () => {
  // As `shlex.split` of Python answers.
  it.each([
    ['', []],
    [' \t\r\n', []],
    ['/opt/tool --account 1', ['/opt/tool', '--account', '1']],
    ['a  b\tc\nd', ['a', 'b', 'c', 'd']],
    [`"/opt/my tool" 'an "account"'`, ['/opt/my tool', 'an "account"']],
    [`a"b c"d'e f'g`, ['ab cde fg']],
    [`a '' ""`, ['a', '', '']],
    ['a\\ b \\"c\\" \\\\', ['a b', '"c"', '\\']],
    ['"a\\"b\\\\c\\d\\$e"', ['a"b\\c\\d\\$e']],
    ["'a\\b'", ['a\\b']],
    ['~/tool $HOME `x` | # y; z && *', ['~/tool', '$HOME', '`x`', '|', '#', 'y;', 'z', '&&', '*']],
    // No space of a shell: it comes with text that was copied from a web page.
    ['tool\u00a0--x', ['tool\u00a0--x']],
    ['"a', null],
    ["a 'b", null],
    ['a\\', null],
    ['"a\\"', null],
  ])('of %j are %j', (line, words) => {
    expect(shellWords(line)).toEqual(words);
  });
});
