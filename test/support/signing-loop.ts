/** Programs that sign one call to STS after the other, as long-running ones do, and end at the first error. */
import { Program } from './program.ts';

const python = `
import time, boto3
session = boto3.Session()
sts = session.client('sts')
while True:
    sts.get_caller_identity()
    print('signed with', session.get_credentials().get_frozen_credentials().access_key, flush=True)
    time.sleep(0.02)
`;

const javaScript = `
import { setTimeout as sleep } from 'node:timers/promises';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
const sts = new STSClient({ credentials: fromNodeProviderChain() });
while (true) {
  await sts.send(new GetCallerIdentityCommand({}));
  const { accessKeyId } = await sts.config.credentials();
  console.log('signed with ' + accessKeyId);
  await sleep(20);
}
`;

export const pythonLoop = (command: string): readonly string[] => [command, '-c', python];
export const javaScriptLoop: readonly string[] = [process.execPath, '--input-type=module', '--eval', javaScript];

export class SigningLoop {
  readonly #program: Program;

  constructor(words: readonly string[], env: NodeJS.ProcessEnv) {
    this.#program = new Program(words, env);
  }

  /** Everything it said to its user besides. */
  get stderr(): string {
    return this.#program.stderr;
  }

  /** The access key of each signature so far. */
  get keys(): readonly string[] {
    return [...this.#program.stdout.matchAll(/^signed with (\w+)$/gm)].map(([, key = '']) => key);
  }

  /** Resolves after so many more signatures; rejects when it ends before. */
  async signs(more: number): Promise<void> {
    await this.#program.says(new RegExp(`^(?:signed with \\w+\n){${this.keys.length + more}}`));
  }

  /** Resolves when it has signed with so many different keys. */
  async signsWith(keys: number): Promise<void> {
    while (new Set(this.keys).size < keys) await this.signs(1);
  }
}
