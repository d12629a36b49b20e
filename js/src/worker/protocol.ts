// The messages between a page and its worker, and between the workers of one browser: typed maps from which both sides
// derive. What is inside `bytes` is the sync protocol, which only the core reads.
import type {AuthReason} from '../server-socket.js'

/** The closed set of storage states; never an empty database in memory where a busy one was. */
export interface StorageState {
  readonly state: 'opening' | 'persisted' | 'memory' | 'busy' | 'quarantined'
  /** `unsupported`, `denied`, `private` or `insecure-context` with `memory`; else in words. */
  readonly reason?: string
  readonly role?: 'leader' | 'follower'
}

export interface StartOptions {
  /** Names the database, the lock and the channel: app, user and name of the instance. */
  readonly database: string
  /** ws: or wss: URL of the server's sync endpoint. */
  readonly server: string
  readonly build: string
  /** This tab, made anew for each instance: "Duplicate tab" copies everything else. */
  readonly tab: string
  /** The client group's identity, if the database is new. */
  readonly newGroup: string
  readonly wasmUrl?: string
}

/** Page to worker. */
export interface ToWorker {
  start: StartOptions
  send: {readonly bytes: Uint8Array}
  token: {readonly question: number; readonly token: string | null; readonly error?: string}
  network: {readonly online: boolean; readonly visible: boolean}
  /** Leave `unauthorized`, hurry, or ask for the token again. */
  connect: object
  clear: {readonly question: number; readonly discardPending: boolean}
  /** The page may be frozen: let go of files, locks and sockets; and take them again. */
  pause: object
  resume: object
}

/** Worker to page. */
export interface ToPage {
  storage: StorageState
  /** The channel to the relay is open: say hello. */
  opened: object
  closed: object
  receive: {readonly bytes: Uint8Array}
  askToken: {readonly question: number; readonly why: AuthReason}
  cleared: {readonly question: number; readonly error?: string}
  /** There is no storage here: the page is on its own. */
  unavailable: {readonly reason: string}
  fault: {readonly message: string}
}

/** Between the workers of one database, over a BroadcastChannel. `epoch` names the leader. */
export interface BetweenWorkers {
  /** A worker looks for its leader. */
  join: {readonly tab: string}
  /** A leader has begun: join. */
  lead: {readonly epoch: string}
  opened: {readonly tab: string; readonly epoch: string; readonly storage: StorageState}
  dropped: {readonly tab: string; readonly epoch: string}
  up: {readonly tab: string; readonly epoch: string; readonly bytes: Uint8Array}
  down: {readonly tab: string; readonly epoch: string; readonly bytes: Uint8Array}
  storage: {readonly epoch: string; readonly storage: StorageState}
  leave: {readonly tab: string}
  /** A follower's page wants to connect, with this token; without one the leader's page is asked. */
  connect: {readonly tab: string; readonly token?: string}
  clear: {readonly tab: string; readonly question: number; readonly discardPending: boolean}
  cleared: {readonly tab: string; readonly question: number; readonly error?: string}
}

/** One of the messages of a map, with its name. */
export type MessageOf<Map> = {[K in keyof Map]: {readonly type: K} & Map[K]}[keyof Map]
