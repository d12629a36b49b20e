// The files of one database in the origin's private file system: two databases of three files each, opened together or
// not at all.

const names = ['log', 'log-journal', 'log-wal', 'base', 'base-journal', 'base-wal'] as const
const filesOfDatabase = {log: [0, 1, 2], base: [3, 4, 5]} as const

/** How long a former owner may take to let go of its handles. */
const retryForMs = 10_000

export type DatabaseName = keyof typeof filesOfDatabase

export class StorageUnavailable extends Error {
  constructor(
    readonly reason: 'unsupported' | 'denied' | 'private' | 'insecure-context',
    message: string,
  ) {
    super(message)
  }
}
/** Somebody else holds the files. */
export class StorageBusy extends Error {}

export interface OpenFiles {
  /** In the order in which the wasm module numbers them. */
  readonly handles: readonly FileSystemSyncAccessHandle[]
  /** Copies a database's files aside and empties them; the connections on them are closed. */
  quarantine(database: DatabaseName): Promise<void>
  close(): void
}

/** Opens all files, waiting up to 10 s for a former owner; a failed open leaves nothing behind. */
export async function openFiles(database: string): Promise<OpenFiles> {
  const directory = await directoryOf(database)
  const started = performance.now()
  for (let delayMs = 20; ; delayMs = Math.min(delayMs * 2, 1000)) {
    const handles = await openAll(directory)
    if (handles !== undefined) return filesFrom(directory, handles)
    if (performance.now() - started > retryForMs) {
      throw new StorageBusy('another page or worker holds the database and does not let go')
    }
    await new Promise(resolve => setTimeout(resolve, delayMs * (0.5 + Math.random())))
  }
}

/** Deletes everything of a database. Its files are closed. */
export async function removeFiles(database: string): Promise<void> {
  const root = await navigator.storage.getDirectory()
  const parent = await root.getDirectoryHandle('tidemark', {create: true})
  await parent.removeEntry(encodeURIComponent(database), {recursive: true})
}

async function directoryOf(database: string): Promise<FileSystemDirectoryHandle> {
  if (!self.isSecureContext) {
    throw new StorageUnavailable('insecure-context', 'storage needs https or localhost')
  }
  // Older browsers lack it, whatever the types say.
  const storage = navigator.storage as StorageManager | undefined
  if (storage?.getDirectory === undefined || !('FileSystemSyncAccessHandle' in self)) {
    throw new StorageUnavailable('unsupported', 'this browser has no private file system')
  }
  try {
    const root = await storage.getDirectory()
    const parent = await root.getDirectoryHandle('tidemark', {create: true})
    return await parent.getDirectoryHandle(encodeURIComponent(database), {create: true})
  } catch (error) {
    throw new StorageUnavailable('denied', error instanceof Error ? error.message : String(error))
  }
}

async function openAll(
  directory: FileSystemDirectoryHandle,
): Promise<FileSystemSyncAccessHandle[] | undefined> {
  const opened = await Promise.allSettled(names.map(async name => await openOne(directory, name)))
  const handles = opened.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  if (handles.length === names.length) return handles
  for (const handle of handles) handle.close()
  for (const result of opened) {
    if (result.status === 'rejected' && !isHeldByAnother(result.reason)) throw result.reason
  }
  return undefined
}

const isHeldByAnother = (error: unknown): boolean =>
  error instanceof DOMException &&
  (error.name === 'NoModificationAllowedError' || error.name === 'InvalidStateError')

async function openOne(
  directory: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemSyncAccessHandle> {
  const file = await directory.getFileHandle(name, {create: true})
  return await file.createSyncAccessHandle()
}

function filesFrom(
  directory: FileSystemDirectoryHandle,
  handles: readonly FileSystemSyncAccessHandle[],
): OpenFiles {
  return {
    handles,
    async quarantine(database) {
      const stamp = new Date().toISOString().replaceAll(':', '-')
      for (const index of filesOfDatabase[database]) {
        const handle = handles[index]
        if (handle === undefined || handle.getSize() === 0) continue
        const aside = await openOne(directory, `quarantine-${stamp}-${names[index]}`)
        copy(handle, aside)
        aside.flush()
        aside.close()
        handle.truncate(0)
        handle.flush()
      }
    },
    close() {
      for (const handle of handles) handle.close()
    },
  }
}

function copy(from: FileSystemSyncAccessHandle, to: FileSystemSyncAccessHandle): void {
  const block = new Uint8Array(1 << 20)
  for (let at = 0; ;) {
    const bytes = from.read(block, {at})
    if (bytes === 0) return
    to.write(block.subarray(0, bytes), {at})
    at += bytes
  }
}
