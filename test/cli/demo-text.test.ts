import { describe, expect, it } from 'vitest';
import { some, stepText, took, widthOf } from '../../src/cli/demo-text.ts';

const at = (width: number): readonly string[] => {
  const title = 'credbroker checkout cloud-dev --force';
  const figure = '1.6 s, one check-in, one checkout at the tenant';
  return stepText({ title, figure }, width, (_, text) => text).split('\n');
};

describe('a step of the demo', () => {
  it('stands on one line where that fits', () => {
    expect(at(88)).toEqual([
      '✓ credbroker checkout cloud-dev --force  1.6 s, one check-in, one checkout at the tenant',
      '',
    ]);
  });

  it.each([87, 80])('goes on below its figure in %i columns', (width) => {
    expect(at(width)).toEqual([
      `✓ credbroker checkout cloud-dev --force  1.6 s, one check-in, one checkout at${width === 80 ? '' : ' the'}`,
      `${' '.repeat(41)}${width === 80 ? 'the ' : ''}tenant`,
      '',
    ]);
  });

  it('has its figure below its title in a narrow terminal', () => {
    expect(at(64)).toEqual([
      '✓ credbroker checkout cloud-dev --force',
      '    1.6 s, one check-in, one checkout at the tenant',
      '',
    ]);
    expect(at(30)).toEqual([
      '✓ credbroker checkout',
      '  cloud-dev --force',
      '    1.6 s, one check-in, one',
      '    checkout at the tenant',
      '',
    ]);
  });

  it.each([20, 30, 40, 64, 65, 80, 120])('breaks no word in %i columns', (width) => {
    const lines = at(width);
    expect(lines.join(' ').match(/\S+/g)).toEqual(at(200).join(' ').match(/\S+/g));
    expect(lines.filter((line) => line.length > width)).toEqual([]);
  });

  it('takes 80 columns where nobody says how many there are', () => {
    const write = () => {};
    expect(widthOf({ isTTY: false, columns: 200, rows: 24, write })).toBe(80);
    expect(widthOf({ isTTY: true, columns: 200, rows: 24, write })).toBe(200);
  });

  it.each([
    [0.412, '0.41 ms'],
    [9.994, '9.99 ms'],
    [10, '10 ms'],
    [999.4, '999 ms'],
    [1_000, '1.0 s'],
    [2_049, '2.0 s'],
  ])('measures %d ms as %s', (time, text) => {
    expect(took(time)).toBe(text);
  });

  it('counts in words', () => {
    expect([0, 1, 2].map((count) => some(count, 'call'))).toEqual(['no call', 'one call', '2 calls']);
  });
});
