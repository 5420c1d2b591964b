import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Loading aws-cdk-lib and the SDKs anew for each of these files took half of their time: they share what they load, and
// leave it as they found it.
const parts = ['test/unit/**/*.test.ts', 'test/infra/**/*.test.ts'];

/** Those that wait for processes of their own go first, so that none of them is left to end alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const long = ({ moduleId }: TestSpecification) =>
      /\/(f32-kill|policy-build|stack)\.test\.ts$/.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(long), ...sorted.filter((file) => !long(file))];
  }
}

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubEnvs: true,
    // One worker fewer than processors, the default, leaves one of two idle.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'parts', include: parts, isolate: false } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...parts],
        },
      },
    ],
  },
});
