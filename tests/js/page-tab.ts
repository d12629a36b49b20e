// A page's core on the real wasm module in Node, with the views that an app would see.
import assert from 'node:assert/strict'
import {createPageModule} from '#wasm/page'
import {createAppRuntime} from '../../js/src/app-runtime.js'
import {encodeArgs} from '../../js/src/json.js'
import {layoutsOf} from '../../js/src/layout.js'
import {PageCore} from '../../js/src/page-core.js'
import type {FlushDocument} from '../../js/src/page-core.js'
import {loadModule} from '../../js/src/wasm-module.js'
import {WatchedQueries} from '../../js/src/watched-queries.js'
import {wasmFolder} from './wasm-folder.js'
import type {App, QueryRequest, RequestData, View} from 'tidemark'

export class PageTab {
  /** Every flush, as the module gave it. */
  readonly flushes: FlushDocument[] = []
  readonly #core: PageCore
  readonly #queries: WatchedQueries
  #mutations = 0

  private constructor(app: App, core: (tab: PageTab) => PageCore) {
    this.#core = core(this)
    this.#queries = new WatchedQueries(() => this.#core, {
      astOf: request => request.ast(),
      layouts: () => layoutsOf(app.schema),
    })
  }

  static async open(app: App): Promise<PageTab> {
    const module = await loadModule(createPageModule, new URL('tidemark_page.wasm', wasmFolder))
    const options = {
      schemaJson: JSON.stringify(app.schema.document),
      clientID: `000000001-${'tab'.padEnd(22, '-')}`,
      build: 'test',
      runMutator: createAppRuntime(app).runMutator,
    }
    return new PageTab(
      app,
      tab =>
        new PageCore(module, options, {
          send: () => undefined,
          flush: (view, flush) => {
            tab.flushes.push(flush)
            tab.#queries.flush(view, flush)
          },
          pending: () => undefined,
          link: () => undefined,
          rejections: () => undefined,
          mutation: () => undefined,
          refused: error => assert.fail(error.message),
        }),
    )
  }

  watch<R extends QueryRequest>(request: R): View<RequestData<R>> {
    return this.#queries.open(request, 0)
  }

  /** Runs a mutator; what it returns, undecoded. */
  mutate(name: string, args: unknown): unknown {
    const id = ++this.#mutations
    const {result} = this.#core.mutate(
      name,
      encodeArgs(args, name),
      1000 + id,
      id.toString(16).padStart(32, '0'),
    )
    this.#queries.notify()
    return result
  }
}
