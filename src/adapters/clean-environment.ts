/** The environment for a child process, without what would load code into it or redirect its runtime. */
export const cleanEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(NODE|LD|DYLD)_/i.test(name)));
