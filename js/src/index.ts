// `tidemark`: the public surface.
export * from './builders.js'
export type {ConnectionState, OpenOptions, RejectedMutation} from './options.js'
export type {Rejected} from './rejected.js'
export type {AuthReason, WebSocketConstructor} from './server-socket.js'
export type {ReadableStore} from './store.js'
export {Tidemark} from './tidemark.js'
export type {View, ViewStatus} from './view.js'
export type {StorageState} from './worker/protocol.js'
