// What exists in a dedicated worker only, which TypeScript's DOM library does not name.
interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null
  postMessage(message: unknown, transfer: Transferable[]): void
}

interface FileSystemSyncAccessHandle {
  read(into: ArrayBufferView, options: {at: number}): number
  write(bytes: ArrayBufferView, options: {at: number}): number
  getSize(): number
  truncate(size: number): void
  flush(): void
  close(): void
}

interface FileSystemFileHandle {
  createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle>
}
