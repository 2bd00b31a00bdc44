import { defineConfig } from 'vitest/config';

// One project per level, so that a level can be run alone: `npx vitest run --project unit`.
const project = (name: string, include: string[], extra: object = {}) => ({
  extends: true as const,
  test: { name, include, ...extra },
});

export default defineConfig({
  test: {
    root: '.',
    setupFiles: ['test/setup.ts'],
    restoreMocks: true,
    projects: [
      // No wall-clock assertions: the limit is only there to end what hangs.
      project('unit', ['test/unit/**/*.test.ts'], { testTimeout: 120_000 }),
      project('contract', ['test/contract/**/*.test.ts'], {
        testTimeout: 30_000,
        hookTimeout: 120_000,
        globalSetup: ['test/support/moto-global.ts'],
      }),
      project('integration', ['test/integration/**/*.test.ts'], {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        globalSetup: ['test/support/moto-global.ts', 'test/support/bundle-global.ts'],
      }),
    ],
  },
});
