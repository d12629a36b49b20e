// The page of the browser tests: opens the app and leaves everything on `window` for the test to use.
import {MutationError, Tidemark, uuid} from 'tidemark'
import type {OpenOptions, RejectedMutation, View} from 'tidemark'
import {app, queries} from './app.js'

type App = typeof app

interface Harness {
  app: App
  tm: Tidemark<App>
  queries: typeof queries
  uuid: typeof uuid
  views: Record<string, View<unknown>>
  rejections: RejectedMutation[]
  faults: string[]
  /** What `auth` answers, and why it was asked. */
  token: string | null
  asked: string[]
  open: (options?: Partial<OpenOptions<App>>) => Promise<Tidemark<App>>
  /** How a promise of a call ended, as plain data. */
  outcome: (promise: Promise<unknown>) => Promise<unknown>
}

declare global {
  interface Window {
    t: Harness
  }
}

const harness: Harness = {
  app,
  queries,
  uuid,
  views: {},
  rejections: [],
  faults: [],
  token: null,
  asked: [],
  tm: undefined as unknown as Tidemark<App>,
  open: async options => {
    harness.tm = await Tidemark.open({
      app,
      onRejected: rejected => harness.rejections.push(rejected),
      onError: error => harness.faults.push(error.message),
      ...options,
    })
    return harness.tm
  },
  outcome: async promise => {
    try {
      return {value: await promise}
    } catch (error) {
      if (error instanceof MutationError) return {error: error.toJSON()}
      return {thrown: String(error)}
    }
  },
}
window.t = harness

const parameters = new URLSearchParams(location.search)
if (parameters.get('open') !== 'no') {
  await harness.open({
    ...(parameters.has('storage') ? {storage: parameters.get('storage') as 'memory'} : {}),
    ...(parameters.has('name') ? {name: parameters.get('name') as string} : {}),
  })
  if (parameters.get('watch') !== 'no') harness.views.all = harness.tm.watch(queries.all())
}
document.title = 'ready'
