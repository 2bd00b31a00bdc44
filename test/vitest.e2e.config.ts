import { defineConfig } from 'vitest/config';

// Tests that need a JVM, root or Debian packages: slow to set up, so they are no part of `make test`.
export default defineConfig({
  test: {
    root: '.',
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/support/moto-global.ts'],
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    restoreMocks: true,
    // They share one machine: engines, containers and ports are not to be multiplied by the number of cores.
    fileParallelism: false,
  },
});
