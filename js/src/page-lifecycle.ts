// What the browser says of the page and the network. Held locks and open sockets keep a page out of the back/forward
// cache, so both are let go when it is hidden for good and taken again when it comes back. Outside of a page: nothing.

export interface LifecycleEvents {
  network(online: boolean, visible: boolean): void
  /** The page may be frozen at any moment. */
  pause(): void
  resume(): void
}

export class PageLifecycle {
  readonly #stop = new AbortController()
  #reloads = false

  constructor(events: LifecycleEvents) {
    const {window, document} = globalThis as {window?: Window; document?: Document}
    if (window === undefined || document === undefined) return
    const options = {signal: this.#stop.signal}
    const tell = (): void =>
      events.network(navigator.onLine, document.visibilityState === 'visible')
    window.addEventListener('online', tell, options)
    window.addEventListener('offline', tell, options)
    document.addEventListener(
      'visibilitychange',
      () => {
        tell()
        if (this.#reloads && document.visibilityState === 'hidden') this.#reload(window)
      },
      options,
    )
    window.addEventListener('pagehide', () => events.pause(), options)
    document.addEventListener('freeze', () => events.pause(), options)
    window.addEventListener('pageshow', () => events.resume(), options)
    document.addEventListener('resume', () => events.resume(), options)
    if (!navigator.onLine) tell()
  }

  /** A newer build is there: reload when nobody looks, once a session. */
  reloadWhenHidden(): void {
    this.#reloads = true
  }

  stop(): void {
    this.#stop.abort()
  }

  #reload(window: Window): void {
    const key = 'tidemark:reloaded'
    if (window.sessionStorage.getItem(key) !== null) return
    window.sessionStorage.setItem(key, String(Date.now()))
    window.location.reload()
  }
}
