export * from './cellList.js'
export * from './knn.js'
