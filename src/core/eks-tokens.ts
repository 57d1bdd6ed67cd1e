/**
 * The tokens of clusters, kept in memory beside the credentials that signed them: kubectl runs its plugin for every
 * command, and a signature costs more than a look. They go with their credentials.
 */
import { LRUCache } from 'lru-cache';
import type { Served } from './api.ts';
import type { EksSigning } from './eks.ts';
import { execCredential } from './exec-credential.ts';
import type { Clock } from './ports.ts';
import { type EpochMs, epoch } from './types.ts';

/** EKS takes a token for 15 minutes from its signing, whatever else the URL says; the last one is for clocks that differ. */
const lifeMs = 14 * 60_000;
/** No token is handed out that has less left to live, unless its credentials end before. */
const restMs = 5 * 60_000;
/** Callers name clusters as they like. */
const maxClusters = 64;

const decoder = new TextDecoder();

interface Token {
  readonly signedAt: EpochMs;
  readonly document: Uint8Array;
}

interface Place {
  readonly region: string;
  readonly cluster: string;
}

/** Resolves with a token. */
type Sign = (signing: EksSigning, cluster: string) => Promise<string>;

export class EksTokens {
  readonly #clock: Clock;
  readonly #sign: Sign;
  /** By generation, which is one object for as long as it is served. */
  readonly #held = new WeakMap<Served, LRUCache<string, Token>>();

  constructor(clock: Clock, sign: Sign) {
    this.#clock = clock;
    this.#sign = sign;
  }

  /** An `ExecCredential`, at once where one is held. */
  get(served: Served, place: Place): Uint8Array | Promise<Uint8Array> {
    const held = this.#held.get(served)?.get(keyOf(place));
    const fresh = held !== undefined && this.#clock.now() - held.signedAt < lifeMs - restMs;
    return fresh ? held.document : this.#signed(served, place);
  }

  async #signed(served: Served, place: Place): Promise<Uint8Array> {
    const at = this.#clock.now();
    const token = await this.#sign({ keys: keysOf(served), region: place.region, at }, place.cluster);
    const document = execCredential(token, epoch(Math.min(at + lifeMs, served.expiresAt)));
    const tokens = this.#held.get(served) ?? new LRUCache<string, Token>({ max: maxClusters });
    tokens.set(keyOf(place), { signedAt: at, document });
    this.#held.set(served, tokens);
    return document;
  }
}

/** Neither part can hold a space. */
const keyOf = ({ region, cluster }: Place): string => `${region} ${cluster}`;

/** As they were serialised for `credential_process`. */
export function keysOf({ process }: Served): EksSigning['keys'] {
  const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(decoder.decode(process));
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
