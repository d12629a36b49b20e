// `tidemark`: the public surface.
export * from './builders.js'
