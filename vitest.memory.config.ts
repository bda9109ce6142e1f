import { defineConfig } from 'vitest/config'

/** Proofs of memory protection that take longer or need the real kernel: `npm run test:memory`. One at a time: they measure. */
export default defineConfig({
  test: {
    include: ['test/memory/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 1,
    minWorkers: 1,
    fileParallelism: false,
  },
})
