export * from './deepSets.js'
export * from './embedding.js'
export * from './makeEmbedding.js'
