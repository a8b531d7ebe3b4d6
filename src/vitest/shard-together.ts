import type { TestProject, TestSequencer, TestSpecification, Vitest } from 'vitest/node'

// The first project of those that belong together, by each of the others.
const leaders = new WeakMap<TestProject, TestProject>()
// Made anew when Vitest restarts.
const wrapped = new WeakSet<Vitest['config']>()

/** With `--shard`, a file runs in one shard for all of these projects: otherwise nobody could compare them. */
export function shardTogether(vitest: Vitest, projects: readonly TestProject[]): void {
  const [leader, ...followers] = projects
  if (!leader) return
  for (const follower of followers) leaders.set(follower, leader)
  if (wrapped.has(vitest.config)) return
  wrapped.add(vitest.config)
  const { sequence } = vitest.config
  const Sequencer = sequence.sequencer
  sequence.sequencer = class implements TestSequencer {
    readonly #inner: TestSequencer
    /** What was kept of leaders: Vitest 3 asks once for each group, and theirs come first. */
    readonly #kept: TestSpecification[] = []

    constructor(context: Vitest) {
      this.#inner = new Sequencer(context)
    }

    async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
      const following = files.filter(({ project }) => leaders.has(project))
      const kept = await this.#inner.shard(files.filter(({ project }) => !leaders.has(project)))
      this.#kept.push(...kept)
      const isKept = ({ project, moduleId }: TestSpecification): boolean =>
        this.#kept.some(
          (other) => other.moduleId === moduleId && other.project === leaders.get(project),
        )
      return [...kept, ...following.filter(isKept)]
    }

    async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      // oxlint-disable-next-line unicorn/no-array-sort, typescript/require-array-sort-compare -- not that of arrays
      return await this.#inner.sort(files)
    }
  }
}
