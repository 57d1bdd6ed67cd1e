/** What the model tests share: how much they run, and how they look at a step. */
import { isDeepStrictEqual } from 'node:util';

/** `MODEL_RUNS=20` runs twenty times as much as an ordinary test run does. */
export const runs = (usual: number): number => Math.ceil(usual * Number(process.env['MODEL_RUNS'] ?? 1));

/**
 * A failing property names its seed and its path; `MODEL_SEED` and `MODEL_PATH` repeat that run alone. Commands name a
 * `replayPath` too, which goes into `MODEL_COMMANDS`.
 */
export const replay = (): { readonly seed?: number; readonly path?: string } => {
  const { MODEL_SEED: seed, MODEL_PATH: path } = process.env;
  return { ...(seed ? { seed: Number(seed) } : {}), ...(path ? { path } : {}) };
};

export function must(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new Error(promise);
}

/** A machine that writes into the state it was given throws. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
}

interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** Steps twice: the same state and event lead to the same place, and nothing is written into either. */
export function pureStep<State, Event, Env, Effect>(
  step: (state: State, event: Event, env: Env) => Step<State, Effect>,
  [state, event, env]: readonly [State, Event, Env],
): Step<State, Effect> {
  const once = step(frozen(state), frozen(event), env);
  must(isDeepStrictEqual(step(state, event, env), once), 'the same state and event lead to the same step');
  return once;
}

export const unchanged = <State>(before: State, { state, effects }: Step<State, unknown>): boolean =>
  effects.length === 0 && isDeepStrictEqual(state, before);
