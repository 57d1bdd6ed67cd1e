import { describe, expect, it } from 'vitest';
import { parseObject, textOf } from '../../src/adapters/json.ts';

describe('parsing JSON of a foreign hand', () => {
  it.each(['', '{', '{"a":1}x', '[]', 'null', '"text"', '1'])('finds no object in %j', (text) => {
    expect(parseObject(text)).toBeNull();
  });

  it('answers the object that there is', () => {
    expect(parseObject('{"a":[1]}')).toEqual({ a: [1] });
  });

  it.each([undefined, null, '', 0, {}])('finds no text in %j', (value) => {
    expect(textOf(value)).toBeNull();
  });

  it('answers the text that there is', () => {
    expect(textOf(' ')).toBe(' ');
  });
});
