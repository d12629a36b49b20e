// The app that hooks and stores know without being told:
//   declare module 'tidemark' {interface Register {app: typeof app}}
import type {App} from './app.js'

/** Augmented by the app, once, with `app: typeof app`. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by augmentation
export interface Register {}

/** The registered app, or any app. */
export type RegisteredApp = Register extends {readonly app: infer A extends App} ? A : App
