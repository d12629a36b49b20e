// Loads one of our wasm modules: from its URL in a browser, from the file system in Node.

/** What Emscripten's MODULARIZE gives. */
export type ModuleFactory<M> = (options: {
  instantiateWasm: (
    imports: WebAssembly.Imports,
    received: (instance: WebAssembly.Instance) => void,
  ) => object
}) => Promise<M>

export async function loadModule<M>(
  factory: ModuleFactory<M>,
  url: string | URL,
  extras: object = {},
): Promise<M> {
  return await new Promise<M>((resolve, reject) => {
    factory({
      ...extras,
      instantiateWasm(imports, received) {
        instantiate(url, imports).then(received, (error: unknown) => {
          const why = error instanceof Error ? error.message : String(error)
          reject(new Error(`cannot load ${String(url)}: ${why}`))
        })
        return {}
      },
    }).then(resolve, reject)
  })
}

async function instantiate(
  url: string | URL,
  imports: WebAssembly.Imports,
): Promise<WebAssembly.Instance> {
  const local = localFile(url)
  if (local !== undefined) return (await WebAssembly.instantiate(local, imports)).instance
  const response = await fetch(url)
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  if (response.headers.get('content-type') === 'application/wasm') {
    return (await WebAssembly.instantiateStreaming(response, imports)).instance
  }
  return (await WebAssembly.instantiate(await response.arrayBuffer(), imports)).instance
}

interface NodeProcess {
  readonly getBuiltinModule?: (name: 'node:fs') => {
    readFileSync(path: URL): Uint8Array<ArrayBuffer>
  }
}

/** The bytes of a file: URL in Node, whose fetch knows no files; asked of `process` so that no bundler sees an import. */
function localFile(url: string | URL): Uint8Array<ArrayBuffer> | undefined {
  if (!String(url).startsWith('file:')) return undefined
  const {process} = globalThis as {process?: NodeProcess}
  return process?.getBuiltinModule?.('node:fs').readFileSync(new URL(url))
}
