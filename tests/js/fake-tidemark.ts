// What the hooks need of an instance, with views that a test moves by hand.
import type {
  App,
  MutationError,
  QueryRequest,
  Tidemark,
  View,
  ViewStatus,
  WatchOptions,
} from 'tidemark'

export interface FakeView extends View<unknown> {
  readonly request: QueryRequest
  readonly options: WatchOptions
  closed: boolean
  show(next: {data?: unknown; status?: ViewStatus; error?: MutationError}): void
}

export class FakeTidemark {
  /** All views that were ever opened, in order. */
  readonly views: FakeView[] = []
  /** What views of queries begin with. */
  initial: {data: unknown; status: ViewStatus} = {data: [], status: 'partial'}

  get open(): FakeView[] {
    return this.views.filter(({closed}) => !closed)
  }

  watch(request: QueryRequest, options: WatchOptions = {}): View<unknown> {
    const listeners = new Set<(view: View<unknown>) => void>()
    const listen = (listener: (view: View<unknown>) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
    const view: {-readonly [N in keyof FakeView]: FakeView[N]} = {
      ...this.initial,
      request,
      options,
      error: undefined,
      stale: false,
      closed: false,
      show: next => {
        Object.assign(view, next)
        for (const listener of [...listeners]) listener(view)
      },
      listen,
      subscribe: listener => {
        listener(view)
        return listen(listener)
      },
      close: () => void (view.closed = true),
    }
    this.views.push(view)
    return view
  }

  /** As the hooks' client. */
  get client(): Tidemark<App> {
    return this as unknown as Tidemark<App>
  }
}
