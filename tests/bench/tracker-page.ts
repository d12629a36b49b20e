// The page of tracker-figures.mjs: a client of its app in memory, and what is measured inside the page.
import {Tidemark} from 'tidemark'
import {app, queries} from './tracker-app.js'

interface Tracker {
  tm: Tidemark<typeof app>
  /** Adds all rows of so many issues; resolves when the server has them. */
  fill: (issues: number) => Promise<void>
  /** Holds all rows in views: their number, and the bytes of their JSON. */
  holdAll: () => Promise<{rows: number; jsonBytes: number}>
  /** Milliseconds from asking for a project, whose rows are here, until its tree is there as objects. */
  watchProject: (project: number) => number
}

declare global {
  interface Window {
    tracker: Tracker
  }
}

const tm = await Tidemark.open({app, storage: 'memory'})

window.tracker = {
  tm,
  fill: async issues => {
    const calls: Promise<unknown>[] = [tm.mutate.tracker.addUsers().server]
    for (let from = 0; from < issues; from += 200) {
      calls.push(tm.mutate.tracker.addIssues({from, count: 200}).server)
    }
    await Promise.all(calls)
  },
  holdAll: async () => {
    const views = [queries.users(), queries.issues(), queries.comments()].map(request =>
      tm.watch(request),
    )
    let rows = 0
    let jsonBytes = 0
    for (const view of views) {
      await new Promise<void>(resolve => {
        view.subscribe(({status}) => {
          if (status === 'complete') resolve()
        })
      })
      rows += (view.data as unknown[]).length
      jsonBytes += JSON.stringify(view.data).length
    }
    return {rows, jsonBytes}
  },
  watchProject: project => {
    const request = queries.project({project: `project${project}`})
    const started = performance.now()
    const view = tm.watch(request)
    const issues = view.data
    let comments = 0
    let written = 0
    for (const issue of issues) {
      comments += issue.comments.length
      if (issue.writer !== undefined) written += 1
    }
    const took = performance.now() - started
    view.close()
    if (issues.length !== 500 || comments !== 1000 || written !== 500) {
      throw new Error(`${issues.length} issues, ${comments} comments, ${written} authors`)
    }
    return took
  },
}
document.title = 'ready'
