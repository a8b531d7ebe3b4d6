import { cp, rm } from 'node:fs/promises'

import { x } from 'tinyexec'

/** The quickest first. Linked files would be no copies: PostgreSQL writes in place. */
const WAYS: Readonly<Partial<Record<NodeJS.Platform, readonly (readonly string[])[]>>> = {
  linux: [['-a', '--reflink=auto'], ['-a']],
  darwin: [['-cRp'], ['-Rp']],
}

/**
 * Copies a folder with its owners and modes, sharing blocks where the file system can.
 *
 * @param to - Must not exist.
 */
export async function copyFolder(from: string, to: string): Promise<void> {
  // cp takes a fraction of the time of fs.cp, which also would not keep the owner.
  for (const options of WAYS[process.platform] ?? []) {
    const isCopied = await x('cp', [...options, from, to], { nodeOptions: { cwd: '/' } }).then(
      ({ exitCode }) => exitCode === 0,
      () => false,
    )
    if (isCopied) return
    // Into what it has left the next one would put a folder.
    await rm(to, { recursive: true, force: true })
  }
  await cp(from, to, { recursive: true, verbatimSymlinks: true, force: true })
}
