import type { SecretStore } from './secret-store.ts';

/** Forgets everything when the daemon ends. */
export const memoryStore = (): SecretStore => {
  const values = new Map<string, string>();
  return {
    get: async (name) => {
      const value = values.get(name);
      return value === undefined ? { type: 'none' } : { type: 'value', value };
    },
    set: async (name, value) => {
      values.set(name, value);
      return { type: 'done' };
    },
    delete: async (name) => {
      values.delete(name);
      return { type: 'done' };
    },
    describe: () => 'memory',
  };
};
