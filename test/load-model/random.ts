/** Uniform in [0, 1). */
export type Random = () => number;

export const between = (random: Random, min: number, max: number): number => min + random() * (max - min);
